import ByteBuffers

/// A service in the key's memory (mooltipass/minible, `nodemgmt.h`, `parent_cred_node_t`). Addresses of 0 are none.
///
///     0  2  flags                            6    2  first login
///     2  2  service before                   8  252  name
///     4  2  service behind                 260    4  login used last, reserved
struct MooltipassService: Hashable {
    let next: UInt16
    let firstLogin: UInt16
    let name: [UInt16]

    init(_ node: [UInt8]) throws(ByteReader.EndOfBytes) {
        var reader = ByteReader(node)
        _ = try reader.bytes(MooltipassLogin.linkOffset)
        (next, firstLogin) = (try reader.littleEndian16(), try reader.littleEndian16())
        name = try reader.letters(in: MooltipassWire.Room.service)
    }
}

/// A login (`child_cred_node_t`; the offsets from 6 on also in mooltipass/moolticute, `MPNodeBLE.h`).
///
///       0    2  flags                          400  64  TOTP secret, encrypted
///       2    2  login before                   464   2  its length; 0 where there is no TOTP
///       4    2  login behind                   466   1  time step
///       6    2  login whose password this one   467   1  hash
///               borrows, with its TOTP         468   1  digits
///       8    4  dates                          469   3  counter of the encryption
///      12  128  name                           472   2  reserved
///     140  260  other texts, password          474  54  free
struct MooltipassLogin: Hashable {
    let next: UInt16
    /// The node that a TOTP for this login would be written into instead.
    let lender: UInt16?
    let name: [UInt16]
    /// nil where it has none.
    let totp: TOTP?

    struct TOTP: Hashable {
        let period: UInt8
        let hash: UInt8
        let digits: UInt8
    }

    static let length = 528
    static let linkOffset = 4
    private static let datesLength = 4
    private static let beforeTOTP = 260
    /// `TOTP_ADDR_START`, `TOTP_LENGTH` of the maker's client, which deletes a TOTP by setting these bytes to zero.
    private static let totpBytes = 400..<473
    private static let noLender: UInt16 = 0xFFFF

    init(_ node: [UInt8]) throws(ByteReader.EndOfBytes) {
        var reader = ByteReader(node)
        _ = try reader.bytes(Self.linkOffset)
        next = try reader.littleEndian16()
        let lender = try reader.littleEndian16()
        self.lender = lender == 0 || lender == Self.noLender ? nil : lender
        _ = try reader.bytes(Self.datesLength)
        name = try reader.letters(in: MooltipassWire.Room.login)
        _ = try reader.bytes(Self.beforeTOTP)
        _ = try reader.bytes(MooltipassWire.longestSecret)
        let length = try reader.littleEndian16()
        let totp = TOTP(period: try reader.uint8(), hash: try reader.uint8(), digits: try reader.uint8())
        self.totp = length == 0 ? nil : totp
    }

    /// The node of a login without its TOTP; all else as it was.
    static func withoutTOTP(_ node: [UInt8]) -> [UInt8] {
        node.enumerated().map { totpBytes.contains($0) ? 0 : $1 }
    }
}

extension ByteReader {
    /// A field of that many letters, up to its first zero.
    fileprivate mutating func letters(in room: Int) throws(EndOfBytes) -> [UInt16] {
        var letters: [UInt16] = []
        for _ in 0..<room { letters.append(try littleEndian16()) }
        return Array(letters.prefix { $0 != 0 })
    }
}
