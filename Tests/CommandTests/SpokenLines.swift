import ByteBuffers
import SecretFormats
import TestSupport

/// What a command said on its standard error, held to the rules of all messages.
struct SpokenLines {
    let lines: [Substring]
    private let text: String

    /// - Parameter isHelp: the help came first, which is no message.
    init(_ text: String, isHelp: Bool = false) {
        self.text = text
        let all = text.split(separator: "\n")
        lines = isHelp ? Array(all.drop { !$0.hasPrefix("keyprov: ") }) : all
    }

    /// The first line that does not start with the name of the program and a small letter, or ends with a full stop.
    var breakingTheRules: Substring? {
        lines.first { line in
            let words = line.dropFirst("keyprov: ".count)
            let kinds = ["error: ", "hint: ", "warning: "]
            let phrase = kinds.first { words.hasPrefix($0) }.map { words.dropFirst($0.count) } ?? words
            let isWord = phrase.first.map { $0.isLowercase || !$0.isLetter } ?? false
            // Names of algorithms and products are written as their makers do.
            let isName = [
                "CanoKey", "HOME", "HOTP", "Mooltipass", "Nitrokey", "OnlyKey", "Pico FIDO", "SHA512", "Solo 2",
                "Token2",
                "USB", "YubiKey",
            ].contains { phrase.hasPrefix($0) }
            return !line.hasPrefix("keyprov: ") || !(isWord || isName) || line.hasSuffix(".") || phrase.isEmpty
        }
    }

    /// Whether one of the secrets is in it, in base32 or in hexadecimal digits.
    func tells(_ secrets: [[UInt8]]) -> Bool {
        let plain = text.lowercased().filter { !$0.isWhitespace }
        return secrets.contains { plain.contains(hex($0)) || plain.contains(Self.base32($0).lowercased()) }
    }

    private static func base32(_ bytes: [UInt8]) -> String {
        let text = Base32.encode(bytes.withUnsafeBytes { Secret(copying: $0.bytes) })
        return text.withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }
}
