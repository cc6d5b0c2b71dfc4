import ByteBuffers

/// A command as the card sees it (ISO/IEC 7816-4, section 5.1), in one of the seven forms:
///
///     1   CLA INS P1 P2
///     2S  CLA INS P1 P2 Le                    2E  CLA INS P1 P2 00 LeHi LeLo
///     3S  CLA INS P1 P2 Lc data               3E  CLA INS P1 P2 00 LcHi LcLo data
///     4S  CLA INS P1 P2 Lc data Le            4E  CLA INS P1 P2 00 LcHi LcLo data LeHi LeLo
///
/// Le is read and not used: the keys that are modeled here answer LIST with and without it.
struct CommandAPDU: Hashable {
    let instruction: UInt8
    let p1: UInt8
    let p2: UInt8
    var data: [UInt8]
    /// The command came in an extended form, so the host takes a long answer.
    let isExtended: Bool
    /// Anything follows the header.
    let hasLengthField: Bool
    /// More of this command follows (section 5.3.3).
    let isChained: Bool

    var p1p2: UInt16 { UInt16(p1) << 8 | UInt16(p2) }

    /// Header, three length bytes, 65535 bytes of data, two bytes of Le.
    static let longest = 4 + 3 + 0xFFFF + 2

    init(parsing bytes: [UInt8]) throws(StatusWord) {
        var reader = ByteReader(bytes)
        hasLengthField = bytes.count > Self.headerLength
        let header: ArraySlice<UInt8>
        do throws(ByteReader.EndOfBytes) {
            header = try reader.bytes(Self.headerLength)
            (data, isExtended) = try Self.body(&reader)
        } catch {
            throw .wrongLength
        }
        guard reader.isAtEnd else { throw .wrongLength }
        var fields = header.makeIterator()
        let classByte = fields.next() ?? 0
        guard classByte & ~Self.chainingBit == Self.interindustryClass else { throw .classNotSupported }
        isChained = classByte & Self.chainingBit != 0
        (instruction, p1, p2) = (fields.next() ?? 0, fields.next() ?? 0, fields.next() ?? 0)
    }

    private static func body(
        _ reader: inout ByteReader
    ) throws(ByteReader.EndOfBytes) -> (data: [UInt8], isExtended: Bool) {
        guard !reader.isAtEnd else { return ([], false) }
        let first = try reader.uint8()
        guard !reader.isAtEnd else { return ([], false) }
        if first != 0 {
            let data = try reader.bytes(Int(first))
            if !reader.isAtEnd { _ = try reader.uint8() }
            return (Array(data), false)
        }
        let length = try reader.bigEndian16()
        guard !reader.isAtEnd else { return ([], true) }
        let data = try reader.bytes(Int(length))
        if !reader.isAtEnd { _ = try reader.bigEndian16() }
        return (Array(data), true)
    }

    private static let headerLength = 4
    private static let chainingBit: UInt8 = 0x10
    private static let interindustryClass: UInt8 = 0x00
}
