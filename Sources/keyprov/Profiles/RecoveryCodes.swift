import ByteBuffers
import SecretFormats

/// Codes that log their owner in once each without a key, as a server shows them once.
struct RecoveryCodes: Sendable {
    /// ASCII text.
    let codes: [Secret]

    /// Reads codes that stand between spaces and line breaks: one or several a line, as a page shows them.
    ///
    /// - Throws: an error that names the line and holds nothing of a code.
    init(parsing text: RawSpan, shape: RecoveryCodeShape) throws(RecoveryCodeError) {
        var codes: [(code: Secret, line: Int)] = []
        var line = 1
        var start = 0
        for end in 0...text.byteCount {
            let byte = text.byte(at: end)
            if let byte, !Self.isSpace(byte) { continue }
            if start < end {
                let word = text.extracting(start..<end)
                let code = try Self.code(word, line: line, shape)
                if let earlier = codes.first(where: { $0.code == code }) {
                    throw RecoveryCodeError(line: line, reason: .repeated(line: earlier.line))
                }
                codes.append((code, line))
                guard codes.count <= shape.count else {
                    throw RecoveryCodeError(line: line, reason: .tooMany(expected: shape.count))
                }
            }
            start = end + 1
            if byte == UInt8(ascii: "\n") { line += 1 }
        }
        guard codes.count == shape.count else {
            throw RecoveryCodeError(line: nil, reason: .tooFew(codes.count, expected: shape.count))
        }
        self.codes = codes.map(\.code)
    }

    /// A list to tick codes off as they are used up, apart from what is printed before it.
    func text() -> WipedBuffer {
        let buffer = WipedBuffer(capacity: 128 + codes.count * 32)
        buffer.append(contentsOf: "\n\(Self.heading)\n".utf8)
        let width = String(codes.count).count
        for (index, code) in codes.enumerated() {
            let number = String(index + 1)
            buffer.append("[ ] ")
            buffer.append(repeating: UInt8(ascii: " "), count: width - number.count)
            buffer.append(contentsOf: number.utf8)
            buffer.append("  ")
            code.withBytes { buffer.append(contentsOf: $0) }
            buffer.append("\n")
        }
        return buffer
    }

    private static func code(
        _ word: RawSpan, line: Int, _ shape: RecoveryCodeShape
    ) throws(RecoveryCodeError) -> Secret {
        for offset in 0..<word.byteCount {
            guard let byte = word.byte(at: offset), isLetterOrDigit(byte) else {
                throw RecoveryCodeError(line: line, reason: .character)
            }
        }
        guard word.byteCount == shape.length else {
            throw RecoveryCodeError(line: line, reason: .length(word.byteCount, expected: shape.length))
        }
        return Secret(copying: word)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
        default: false
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

/// What is wrong with a list of recovery codes, without anything of it.
struct RecoveryCodeError: Error, Hashable {
    enum Reason: Hashable {
        case character
        /// In characters.
        case length(Int, expected: Int)
        case repeated(line: Int)
        case tooMany(expected: Int)
        case tooFew(Int, expected: Int)
    }

    /// Counted from 1; nil where the list as a whole is meant.
    let line: Int?
    let reason: Reason
}

extension JSONWriter {
    /// The member of a document: null where there are none.
    func members(_ codes: RecoveryCodes?) {
        key("recovery_codes")
        guard let codes else { return null() }
        array { for code in codes.codes { value(code) } }
    }
}
