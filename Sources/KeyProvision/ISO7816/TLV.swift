public import ByteBuffers

/// Tag, length, value with one-byte tags (ISO 7816-4, section 5.2.2, BER lengths in their shortest form).
///
///     0  1      tag
///     1  1..3   length   00..7F; 81 LL for 128..255; 82 LL LL for 256..65535
///     n  length value
public struct TLV: Hashable, Sendable {
    public let tag: UInt8
    public let value: ArraySlice<UInt8>

    /// What does not follow the layout.
    public struct Malformed: Error, Hashable, Sendable {
        /// Position in bytes from the start of what was parsed.
        public let offset: Int
    }

    /// Takes one off the reader.
    public init(from reader: inout ByteReader) throws(Malformed) {
        let offset = reader.offset
        do throws(ByteReader.EndOfBytes) {
            tag = try reader.uint8()
            value = try reader.bytes(Self.length(&reader))
        } catch {
            throw Malformed(offset: offset)
        }
    }

    /// All of a list; nothing may be left over.
    public static func parseList(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> [TLV] {
        var reader = ByteReader(bytes)
        var list: [TLV] = []
        while !reader.isAtEnd { list.append(try TLV(from: &reader)) }
        return list
    }

    /// A form that is not in the layout counts as a length that cannot be.
    private static func length(_ reader: inout ByteReader) throws(ByteReader.EndOfBytes) -> Int {
        switch try reader.uint8() {
        case let short where short <= maxShortLength: Int(short)
        case oneLengthByte: Int(try reader.uint8())
        case twoLengthBytes: Int(try reader.bigEndian16())
        default: Int.max
        }
    }

    private static let maxShortLength: UInt8 = 0x7F
    private static let oneLengthByte: UInt8 = 0x81
    private static let twoLengthBytes: UInt8 = 0x82

    fileprivate static func appendHeader(tag: UInt8, length: Int, to buffer: WipedBuffer) {
        buffer.append(tag)
        if length > maxShortLength {
            buffer.append(length <= UInt8.max ? oneLengthByte : twoLengthBytes)
            if length > UInt8.max { buffer.append(UInt8(truncatingIfNeeded: length >> 8)) }
        }
        buffer.append(UInt8(truncatingIfNeeded: length))
    }
}

extension WipedBuffer {
    public func append(tag: UInt8, _ value: some Collection<UInt8>) {
        TLV.appendHeader(tag: tag, length: value.count, to: self)
        append(contentsOf: value)
    }

    public func append(tag: UInt8, _ value: WipedBuffer) {
        TLV.appendHeader(tag: tag, length: value.count, to: self)
        append(contentsOf: value)
    }
}
