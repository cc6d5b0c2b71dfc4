import ByteBuffers

/// A descriptor that does not follow its layout.
public struct DescriptorError: Error, Hashable, Sendable {
    public enum Code: Hashable, Sendable {
        case truncated
        /// `bDescriptorType` is not the one expected.
        case wrongType(UInt8)
        /// `bLength` is smaller than the fields that the type needs, or than its own header.
        case wrongLength(UInt8)
        /// A descriptor stands where none of its type may stand.
        case misplaced(UInt8)
    }

    public let code: Code
    /// Position of the descriptor at fault, in bytes from the start of the set.
    public let offset: Int

    public init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}

/// `bDescriptorType` (USB 2.0, table 9-5; HID 1.11, section 7.1; CCID 1.1, section 5.1).
struct DescriptorType: RawRepresentable, Hashable {
    let rawValue: UInt8

    static let device = DescriptorType(rawValue: 1)
    static let configuration = DescriptorType(rawValue: 2)
    static let string = DescriptorType(rawValue: 3)
    static let interface = DescriptorType(rawValue: 4)
    static let endpoint = DescriptorType(rawValue: 5)
    /// The class descriptor of both HID and CCID interfaces.
    static let functional = DescriptorType(rawValue: 0x21)
    static let hidReport = DescriptorType(rawValue: 0x22)
}

/// One descriptor of a set: its type, its place, and the bytes after `bLength` and `bDescriptorType`.
struct RawDescriptor {
    static let headerLength = 2

    private let length: UInt8
    let type: DescriptorType
    let offset: Int
    var body: ByteReader

    /// Takes the next descriptor off `reader`.
    init(from reader: inout ByteReader) throws(DescriptorError) {
        offset = reader.offset
        do throws(ByteReader.EndOfBytes) {
            length = try reader.uint8()
            type = DescriptorType(rawValue: try reader.uint8())
            body = ByteReader(try reader.bytes(max(Int(length) - Self.headerLength, 0)))
        } catch {
            throw DescriptorError(.truncated, at: offset)
        }
        // Shorter than itself: nothing could be said of what follows.
        guard length >= Self.headerLength else { throw DescriptorError(.wrongLength(length), at: offset) }
    }

    /// Reads the fields of a descriptor whose type is known. Bytes after the known fields are allowed: later
    /// revisions of the specifications append theirs.
    mutating func fields<Fields>(
        _ type: DescriptorType, _ read: (inout ByteReader) throws(ByteReader.EndOfBytes) -> Fields
    ) throws(DescriptorError) -> Fields {
        guard self.type == type else { throw DescriptorError(.wrongType(self.type.rawValue), at: offset) }
        do throws(ByteReader.EndOfBytes) {
            return try read(&body)
        } catch {
            throw DescriptorError(.wrongLength(length), at: offset)
        }
    }
}
