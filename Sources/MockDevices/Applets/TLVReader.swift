import ByteBuffers

/// Walks through the tag-length-value fields of a YKOATH command: one tag byte, a length of one byte below 0x80 or of
/// `81 LL` or `82 HH LL` (YKOATH protocol; ISO/IEC 8825-1, section 8.1.3), the value.
struct TLVReader {
    private var reader: ByteReader

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

    var isAtEnd: Bool { reader.isAtEnd }
    var nextTag: OATHTag? { reader.next.map(OATHTag.init(rawValue:)) }

    /// The value of the next field, which has to have this tag.
    mutating func value(_ tag: OATHTag) throws(StatusWord) -> [UInt8] {
        guard nextTag == tag else { throw .wrongData }
        do throws(ByteReader.EndOfBytes) {
            _ = try reader.uint8()
            return Array(try reader.bytes(try length()))
        } catch {
            throw .wrongData
        }
    }

    /// The byte that follows a tag without length, as the property field has it.
    mutating func bareByte(_ tag: OATHTag) throws(StatusWord) -> UInt8 {
        guard nextTag == tag else { throw .wrongData }
        do throws(ByteReader.EndOfBytes) {
            _ = try reader.uint8()
            return try reader.uint8()
        } catch {
            throw .wrongData
        }
    }

    /// Looks through the rest of a PUT as fields with a length each, up to one that is longer than what is there.
    mutating func readLoosely(into credential: inout OATHStoredCredential) {
        while let tag = nextTag, let value = try? value(tag) {
            switch tag {
            case .property: credential.properties = OATHProperties(rawValue: value.first ?? 0)
            case .initialMovingFactor:
                credential.counter = value.reduce(0) { $0 << UInt64(UInt8.bitWidth) | UInt64($1) }
            default: break
            }
        }
    }

    func requireEnd() throws(StatusWord) {
        guard isAtEnd else { throw .wrongData }
    }

    private mutating func length() throws(ByteReader.EndOfBytes) -> Int {
        let first = try reader.uint8()
        return switch first {
        case Self.oneLengthByte: Int(try reader.uint8())
        case Self.twoLengthBytes: Int(try reader.bigEndian16())
        default: Int(first)
        }
    }

    private static let oneLengthByte: UInt8 = 0x81
    private static let twoLengthBytes: UInt8 = 0x82
}
