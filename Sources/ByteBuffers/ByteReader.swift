/// Walks through received bytes from front to back and never past the end.
///
/// Every parser in the project reads through this type, so that a short message is an error and not a trap. It knows
/// no protocol; byte order is in the method's name.
public struct ByteReader: Sendable {
    /// A read asked for more bytes than were left.
    public struct EndOfBytes: Error, Hashable, Sendable {
        /// Position of the failed read, counted from the start of the reader's bytes.
        public let offset: Int
        /// How many bytes the read asked for.
        public let needed: Int
    }

    private var rest: ArraySlice<UInt8>
    private let start: Int

    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    public init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
        start = bytes.startIndex
    }

    public var isAtEnd: Bool { rest.isEmpty }
    public var remaining: Int { rest.count }
    /// Bytes read so far.
    public var offset: Int { rest.startIndex - start }

    /// The next byte, left where it is; nil at the end.
    public var next: UInt8? { rest.first }

    public mutating func uint8() throws(EndOfBytes) -> UInt8 {
        guard let byte = rest.popFirst() else { throw EndOfBytes(offset: offset, needed: 1) }
        return byte
    }

    public mutating func littleEndian16() throws(EndOfBytes) -> UInt16 {
        UInt16(truncatingIfNeeded: try littleEndian(bytes: 2))
    }

    public mutating func littleEndian32() throws(EndOfBytes) -> UInt32 { try littleEndian(bytes: 4) }

    public mutating func bigEndian16() throws(EndOfBytes) -> UInt16 {
        UInt16(truncatingIfNeeded: try bigEndian(bytes: 2))
    }

    public mutating func bigEndian32() throws(EndOfBytes) -> UInt32 { try bigEndian(bytes: 4) }

    /// The next `count` bytes. A negative count is as little available as one that is too large.
    public mutating func bytes(_ count: Int) throws(EndOfBytes) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw EndOfBytes(offset: offset, needed: count) }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    /// All bytes that are left.
    public mutating func remainder() -> ArraySlice<UInt8> {
        let taken = rest
        rest = rest.suffix(0)
        return taken
    }

    private mutating func littleEndian(bytes count: Int) throws(EndOfBytes) -> UInt32 {
        try bytes(count).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func bigEndian(bytes count: Int) throws(EndOfBytes) -> UInt32 {
        try bytes(count).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
