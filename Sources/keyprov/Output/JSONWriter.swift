import ByteBuffers
import SecretFormats

/// Writes JSON (RFC 8259) into wiped storage, since a document may hold secrets.
///
/// Keys stand in the order in which they are written: the documented one.
final class JSONWriter {
    let buffer = WipedBuffer(capacity: 1024)
    /// Whether the next value or key at this depth needs a comma before it.
    private var needsComma = [false]
    private var followsKey = false

    func object(_ members: () -> Void) { nest("{", "}", members) }

    func array(_ elements: () -> Void) { nest("[", "]", elements) }

    func key(_ name: StaticString) {
        separate()
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":")
        followsKey = true
    }

    func value(_ text: String?) {
        guard let text else { return null() }
        quoted {
            // Almost no text has anything to escape, and byte by byte takes longer than all else that is done with it.
            if text.utf8.contains(where: Self.isEscaped) {
                text.utf8.forEach(escape)
            } else {
                buffer.append(contentsOf: text.utf8)
            }
        }
    }

    /// ASCII or UTF-8 text that is a secret.
    func value(_ secret: Secret) {
        quoted {
            secret.withBytes { bytes in
                for index in 0..<bytes.byteCount { if let byte = bytes.byte(at: index) { escape(byte) } }
            }
        }
    }

    func value(_ number: some BinaryInteger) {
        separate()
        buffer.append(contentsOf: String(number).utf8)
    }

    func value(_ flag: Bool) {
        separate()
        buffer.append(flag ? "true" : "false")
    }

    func null() {
        separate()
        buffer.append("null")
    }

    func endLine() {
        buffer.append(UInt8(ascii: "\n"))
        needsComma = [false]
    }

    private func nest(_ open: StaticString, _ close: StaticString, _ body: () -> Void) {
        separate()
        buffer.append(open)
        needsComma.append(false)
        body()
        needsComma.removeLast()
        buffer.append(close)
    }

    private func separate() {
        if followsKey {
            followsKey = false
            return
        }
        if needsComma.last == true { buffer.append(UInt8(ascii: ",")) }
        if let depth = needsComma.indices.last { needsComma[depth] = true }
    }

    /// A string with `body` between its quotes.
    private func quoted(_ body: () -> Void) {
        separate()
        buffer.append("\"")
        body()
        buffer.append("\"")
    }

    private func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            buffer.append("\\")
            buffer.append(byte)
        case ..<Self.firstPrintable:
            buffer.append(byte < 0x10 ? "\\u000" : "\\u00")
            buffer.append(contentsOf: String(byte, radix: 16).utf8)
        default: buffer.append(byte)
        }
    }

    private static let firstPrintable: UInt8 = 0x20

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < firstPrintable
    }
}
