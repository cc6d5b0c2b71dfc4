internal import ByteBuffers

/// The wire format of Protocol Buffers (protobuf.dev, "Encoding"), as much of it as one small message takes.
///
/// ```
/// tag      varint: field number << 3 | wire type
/// value    0 varint · 1 eight bytes · 2 varint length and bytes · 5 four bytes
/// ```
enum Protobuf {
    enum Value {
        case varint(UInt64)
        /// Where the bytes stand.
        case bytes(Range<Int>)
        /// Of a fixed length; nothing here has a use for it.
        case fixed
    }

    private static let varintType: UInt64 = 0
    private static let fixed64Type: UInt64 = 1
    private static let bytesType: UInt64 = 2
    private static let fixed32Type: UInt64 = 5
    private static let typeBits: UInt64 = 3
    private static let typeMask: UInt64 = 0b111
    private static let continuation: UInt8 = 0b1000_0000
    private static let bitsPerByte: UInt64 = 7

    /// Calls `body` with each field of a message and its number.
    static func forEachField(
        in message: RawSpan, _ body: (_ field: UInt64, _ value: Value) throws(FormatError) -> Void
    ) throws(FormatError) {
        var offset = 0
        while offset < message.byteCount {
            let tag = try varint(message, &offset)
            let value: Value
            switch tag & typeMask {
            case varintType: value = .varint(try varint(message, &offset))
            case fixed64Type:
                _ = try range(message, &offset, count: 8)
                value = .fixed
            case bytesType: value = .bytes(try range(message, &offset, count: try varint(message, &offset)))
            case fixed32Type:
                _ = try range(message, &offset, count: 4)
                value = .fixed
            default: throw FormatError(.malformed, .notProtobuf)
            }
            try body(tag >> typeBits, value)
        }
    }

    static func append(varint: UInt64, field: UInt64, to message: WipedBuffer) {
        append(field << typeBits | varintType, to: message)
        append(varint, to: message)
    }

    static func append(bytes: RawSpan, field: UInt64, to message: WipedBuffer) {
        append(field << typeBits | bytesType, to: message)
        append(UInt64(bytes.byteCount), to: message)
        message.append(contentsOf: bytes)
    }

    private static func append(_ varint: UInt64, to message: WipedBuffer) {
        var rest = varint
        while rest >= UInt64(continuation) {
            message.append(UInt8(truncatingIfNeeded: rest) | continuation)
            rest >>= bitsPerByte
        }
        message.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Ten bytes at most; bits above 64 are dropped, as the specification has it.
    private static func varint(_ message: RawSpan, _ offset: inout Int) throws(FormatError) -> UInt64 {
        var number: UInt64 = 0
        for index in 0..<10 {
            guard let byte = message.byte(at: offset) else { throw FormatError(.malformed, .notProtobuf) }
            offset += 1
            number |= UInt64(byte & ~continuation) << (UInt64(index) * bitsPerByte)
            if byte & continuation == 0 { return number }
        }
        throw FormatError(.malformed, .notProtobuf)
    }

    private static func range(
        _ message: RawSpan, _ offset: inout Int, count: UInt64
    ) throws(FormatError) -> Range<Int> {
        guard let count = Int(exactly: count), count <= message.byteCount - offset else {
            throw FormatError(.malformed, .notProtobuf)
        }
        defer { offset += count }
        return offset..<offset + count
    }
}

extension FormatError.Reason {
    public static let notProtobuf: Self = "a message that is cut off or of another kind"
}
