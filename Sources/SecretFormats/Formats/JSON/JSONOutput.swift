internal import ByteBuffers

/// Writes an object of JSON into wiped storage, members in the order in which they come.
final class JSONOutput {
    let buffer = WipedBuffer(capacity: 512)
    private var needsComma = false

    func object(_ name: StaticString? = nil, _ members: () -> Void) {
        if let name { key(name) }
        buffer.append("{")
        needsComma = false
        members()
        buffer.append("}")
        needsComma = true
    }

    func text(_ name: StaticString, _ text: String?) {
        key(name)
        guard let text else { return buffer.append("null") }
        buffer.append("\"")
        for byte in text.utf8 { escape(byte) }
        buffer.append("\"")
    }

    /// - Parameter write: appends text that needs no escapes: base32 or hexadecimal.
    func secret(_ name: StaticString, _ secret: Secret, _ write: (RawSpan, WipedBuffer) -> Void) {
        key(name)
        buffer.append("\"")
        secret.withBytes { write($0, buffer) }
        buffer.append("\"")
    }

    func number(_ name: StaticString, _ number: some BinaryInteger) {
        key(name)
        buffer.append(contentsOf: String(number).utf8)
    }

    private func key(_ name: StaticString) {
        if needsComma { buffer.append(",") }
        needsComma = true
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":")
    }

    private func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            buffer.append(UInt8(ascii: "\\"))
            buffer.append(byte)
        case ..<UInt8(ascii: " "):
            buffer.append("\\u00")
            WipedBuffer([byte]).withBytes { Hex.encode($0, into: buffer) }
        default: buffer.append(byte)
        }
    }
}
