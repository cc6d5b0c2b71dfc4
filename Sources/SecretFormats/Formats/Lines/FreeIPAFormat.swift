internal import ByteBuffers

/// A shell script of `ipa otptoken-add` commands for FreeIPA.
///
/// It is written only: a script is no file of data. The command takes the secret as an argument, which others on that
/// machine can see while it runs; where that matters, `ipa-otptoken-import` reads PSKC.
///
/// The key is base32 with padding, which the server insists on.
struct FreeIPAFormat: SecretFormat {
    let name = "freeipa"
    let summary = "shell script of ipa otptoken-add commands for FreeIPA"
    let limits = FormatLimits(
        readBy: "FreeIPA", digits: [6, 8], periods: .atLeast(5), carried: [.owner, .manufacturer, .model],
        required: [.serial])
    let isReadable = false

    func recognizes(_ start: RawSpan) -> Bool { false }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) throws(FormatError) -> any RecordDecoding {
        throw FormatError(.unsupported, .writtenOnly)
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding { FreeIPAEncoder() }
}

private final class FreeIPAEncoder: RecordEncoding {
    /// It stops at the first token that is refused: the rest can be run again.
    func start(into output: WipedBuffer) { output.append("#!/bin/sh\nset -eu\n") }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        var serial = CSVWriter(separator: UInt8(ascii: " "))
        try serial.serial(record)
        let texts: [(FormatError.Field, String, String?)] = [
            (.serial, "serial", record.serial), (.owner, "owner", record.login),
            (.manufacturer, "vendor", record.manufacturer), (.model, "model", record.model),
        ]
        for (field, _, text) in texts {
            for (index, scalar) in (text ?? "").unicodeScalars.enumerated()
            where scalar.properties.generalCategory == .control {
                throw FormatError(.unsupported, .controlCharacter, field: field, position: index + 1)
            }
        }
        output.append("ipa otptoken-add ")
        output.append(contentsOf: Self.quoted(record.serial ?? "").utf8)
        output.append(contentsOf: " --type=\(credential.isCounted ? "hotp" : "totp") --key=".utf8)
        let length = output.count
        credential.secret.withBytes { Base32.encode($0, into: output) }
        let partial = (output.count - length) % Self.base32Group
        if partial > 0 { output.append(repeating: UInt8(ascii: "="), count: Self.base32Group - partial) }
        output.append(
            contentsOf: " --algo=\(credential.algorithm.rawValue.lowercased()) --digits=\(credential.digits)".utf8)
        output.append(contentsOf: " --\(credential.isCounted ? "counter" : "interval")=\(credential.moving)".utf8)
        for (_, option, text) in texts {
            if let text { output.append(contentsOf: " --\(option)=\(Self.quoted(text))".utf8) }
        }
        output.append(" --no-qrcode\n")
    }

    private static let base32Group = 8

    /// One word to the shell, whatever it holds (POSIX shell, section 2.2.2).
    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
