import ByteBuffers

/// What the key tells of its PIN (firmware R3.4).
///
///      0   1  algorithm, 7 for AES-256; 0 where there is no PIN
///      1   1  tries that are left
///      2   1  length of the PIN; 0 where there is none
///      3   1  tries that there are
///      4   1  not 0 where a fingerprint opens as well
///      5   2  version of the maker's key that signs the agreement
///      7   2  CRC of that key
///      9  16  initialization vector     this and the next only where they were asked for
///     25  16  challenge, encrypted under the agreed key
struct Token2PINState: Hashable {
    let isSet: Bool
    let triesLeft: Int
    let challenge: Challenge?

    struct Challenge: Hashable {
        let vector: [UInt8]
        let encrypted: [UInt8]
    }

    init(parsing bytes: ArraySlice<UInt8>) throws(ByteReader.EndOfBytes) {
        var reader = ByteReader(bytes)
        _ = try reader.uint8()
        triesLeft = Int(try reader.uint8())
        isSet = try reader.uint8() != 0
        _ = try reader.bytes(Self.restLength)
        guard !reader.isAtEnd else {
            challenge = nil
            return
        }
        challenge = Challenge(
            vector: Array(try reader.bytes(Self.blockLength)), encrypted: Array(try reader.bytes(Self.blockLength)))
    }

    private init(isSet: Bool, triesLeft: Int) { (self.isSet, self.triesLeft, challenge) = (isSet, triesLeft, nil) }

    /// Of firmware that knows no PIN.
    static let none = Token2PINState(isSet: false, triesLeft: 0)
    /// Of a key that says nothing else any more.
    static let blocked = Token2PINState(isSet: true, triesLeft: 0)

    func with(triesLeft: Int) -> Token2PINState { Token2PINState(isSet: isSet, triesLeft: triesLeft) }

    /// Behind the length: most tries, fingerprint, version, CRC.
    private static let restLength = 6
    private static let blockLength = 16
}
