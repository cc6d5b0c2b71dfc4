internal import ByteBuffers

/// Writes an object of JSON into wiped storage, members in the order in which they come.
final class JSONOutput {
    let buffer = WipedBuffer(capacity: 512)
    private var needsComma = false

    func object(_ name: StaticString? = nil, _ members: () -> Void) {
        if let name { key(name) } else if needsComma { buffer.append(",") }
        buffer.append("{")
        needsComma = false
        members()
        buffer.append("}")
        needsComma = true
    }

    /// A list, whose elements `body` writes.
    func array(_ name: StaticString, _ body: () -> Void = {}) {
        key(name)
        buffer.append("[")
        needsComma = false
        body()
        buffer.append("]")
        needsComma = true
    }

    func text(_ name: StaticString, _ text: String?) {
        key(name)
        guard let text else { return buffer.append("null") }
        string(text)
    }

    /// - Parameter write: appends text that needs no escapes: base32 or hexadecimal.
    func secret(_ name: StaticString, _ secret: Secret, _ write: (RawSpan, WipedBuffer) -> Void) {
        key(name)
        buffer.append("\"")
        secret.withBytes { write($0, buffer) }
        buffer.append("\"")
    }

    /// Bytes that are no secret.
    func hex(_ name: StaticString, _ bytes: ArraySlice<UInt8>) {
        secret(name, Secret(WipedBuffer(bytes))) { Hex.encode($0, into: $1) }
    }

    func base64(_ name: StaticString, _ bytes: ArraySlice<UInt8>) {
        secret(name, Secret(WipedBuffer(bytes))) { Base64.encode($0, into: $1) }
    }

    /// An element of a list.
    func element(_ number: some BinaryInteger) {
        separate()
        buffer.append(contentsOf: String(number).utf8)
    }

    func element(_ text: String) {
        separate()
        string(text)
    }

    func bool(_ name: StaticString, _ value: Bool) {
        key(name)
        buffer.append(value ? "true" : "false")
    }

    func number(_ name: StaticString, _ number: some BinaryInteger) {
        key(name)
        buffer.append(contentsOf: String(number).utf8)
    }

    private func string(_ text: String) {
        buffer.append("\"")
        for byte in text.utf8 { escape(byte) }
        buffer.append("\"")
    }

    private func separate() {
        if needsComma { buffer.append(",") }
        needsComma = true
    }

    private func key(_ name: StaticString) {
        separate()
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
