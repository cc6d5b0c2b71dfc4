/// The PIN of a Token2 PIN+ from firmware R3.4 on (framefilter/keyroost, `crates/keyroost-token2otp`, and the maker's clients in
/// token2/librekeycompanion_ios; they tried keys, and the published application does otherwise in places).
///
/// It holds what power ends: keys that were agreed on, a challenge, whether the PIN was right. That a key forgets the PIN after
/// five minutes is left out: it has no clock that a test could turn.
struct Token2PINGuard {
    private var keys: (encryption: [UInt8], authentication: [UInt8])?
    private var challenge: [UInt8]?
    private var isOpen = false

    func isUnlocked(_ memory: Token2Memory) -> Bool { memory.pin == nil || isOpen }

    /// `80 C5 05 09`: an exchange, both of whose keys are used for this session only.
    ///
    ///      0   64  point of the chip
    ///     64  132  signature of the maker's, of which the chip of a virtual key has none: zeros
    mutating func agree(with point: [UInt8], draw: () -> [UInt8]) throws(StatusWord) -> [UInt8] {
        let own = draw()
        let answer = try Token2Crypto.point(of: own)
        let shared = try Token2Crypto.sharedX(own, point)
        let root = try HMACHash.sha256.authenticate(shared, key: [UInt8](repeating: 0, count: Self.keyLength))
        keys = (
            encryption: try HMACHash.sha256.authenticate(Array("TOTP AES key".utf8) + [1], key: root),
            authentication: try HMACHash.sha256.authenticate(Array("TOTP HMAC key".utf8) + [1], key: root)
        )
        (challenge, isOpen) = (nil, false)
        return answer + [UInt8](repeating: 0, count: Self.signatureLength)
    }

    /// `80 C5 05 04`: the length of the data says how much is wanted.
    mutating func flag(
        _ memory: Token2Memory, count: Int, draw: () -> [UInt8]
    ) throws(StatusWord) -> [UInt8] {
        guard count > 0 else { throw .dataMissing }
        let pin = memory.pin
        var answer: [UInt8] = [
            pin == nil ? 0 : Self.aes256, pin?.triesLeft ?? 0, pin?.length ?? 0, Token2Memory.mostTries, 0,
        ]
        // Version and CRC of the maker's key.
        answer += [0, 1, 0, 0]
        guard count > answer.count else { return Array(answer.prefix(count)) }
        guard let keys else { return answer + [UInt8](repeating: 0, count: 2 * Token2Crypto.blockLength) }
        let drawn = draw()
        let (vector, challenge) = (Array(drawn.prefix(16)), Array(drawn.suffix(16)))
        self.challenge = challenge
        return answer + vector + (try Token2Crypto.encrypt(challenge, key: keys.encryption, vector: vector))
    }

    /// `80 C5 05 05`: the first PIN.
    ///
    ///      0  16  initialization vector
    ///     16   n  encrypted: 07, tries, length, PIN, padded
    ///      …  16  MAC of the encrypted
    func newPIN(_ data: [UInt8], _ memory: Token2Memory) throws(StatusWord) -> Token2Memory.PIN {
        guard memory.pin == nil else { throw .functionNotSupported }
        let block = try opened(data)
        guard block.count > 3, block[0] == Self.aes256, Int(block[2]) == block.count - 3 else { throw .wrongData }
        let text = Array(block.dropFirst(3))
        let isNumber = text.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard text.count >= (isNumber ? Self.shortestNumber : Self.shortestText) else { throw .wrongData }
        return Token2Memory.PIN(hash: try Token2Crypto.sha256(text), length: block[2])
    }

    /// `80 C5 05 06`: the PIN, or 00 to forget that it was given.
    mutating func verify(_ data: [UInt8], _ memory: inout Token2Memory) throws(StatusWord) {
        guard data != [0] else {
            (challenge, isOpen) = (nil, false)
            return
        }
        guard var pin = memory.pin else { throw .conditionsNotSatisfied }
        guard pin.triesLeft > 0 else { throw .pinLocked }
        guard let keys, let challenge else { throw .conditionsNotSatisfied }
        guard data.count == 2 * Token2Crypto.blockLength else { throw .wrongLength }
        self.challenge = nil
        let inner = try Token2Crypto.decrypt(
            Array(data.dropFirst(Token2Crypto.blockLength)), key: keys.encryption,
            vector: Array(data.prefix(Token2Crypto.blockLength)))
        let vector = Array(try Token2Crypto.sha256(challenge).prefix(Token2Crypto.blockLength))
        let expected = try Token2Crypto.encrypt(challenge, key: pin.hash, vector: vector)
        guard constantTimeEqual(inner, expected) else {
            pin.triesLeft -= 1
            (memory.pin, isOpen) = (pin, false)
            throw .wrongPIN(triesLeft: pin.triesLeft)
        }
        pin.triesLeft = Token2Memory.mostTries
        (memory.pin, isOpen) = (pin, true)
    }

    // MARK: Under the keys

    /// Vector, encrypted, and the start of the MAC of the encrypted.
    func sealed(_ answer: [UInt8], draw: () -> [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let keys else { throw .conditionsNotSatisfied }
        let vector = Array(draw().prefix(Token2Crypto.blockLength))
        let encrypted = try Token2Crypto.encrypt(
            Token2Crypto.padded(answer), key: keys.encryption, vector: vector)
        return vector + encrypted + (try tag(encrypted, keys.authentication))
    }

    func opened(_ data: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let keys else { throw .conditionsNotSatisfied }
        guard data.count >= 3 * Token2Crypto.blockLength else { throw .wrongLength }
        let encrypted = Array(data.dropFirst(Token2Crypto.blockLength).dropLast(Self.tagLength))
        guard constantTimeEqual(try tag(encrypted, keys.authentication), Array(data.suffix(Self.tagLength))) else {
            throw .securityStatusNotSatisfied
        }
        let vector = Array(data.prefix(Token2Crypto.blockLength))
        return try Token2Crypto.unpadded(try Token2Crypto.decrypt(encrypted, key: keys.encryption, vector: vector))
    }

    private func tag(_ encrypted: [UInt8], _ key: [UInt8]) throws(StatusWord) -> [UInt8] {
        Array(try HMACHash.sha256.authenticate(encrypted, key: key).prefix(Self.tagLength))
    }

    private static let keyLength = 32
    private static let tagLength = 16
    private static let signatureLength = 132
    private static let aes256: UInt8 = 0x07
    private static let shortestNumber = 6
    private static let shortestText = 10
}

extension StatusWord {
    static let functionNotSupported = StatusWord(rawValue: 0x6A81)
    fileprivate static let dataMissing = StatusWord(rawValue: 0x6AF8)
    fileprivate static let pinLocked = StatusWord(rawValue: 0x6983)

    /// 63nn
    fileprivate static func wrongPIN(triesLeft: UInt8) -> StatusWord {
        StatusWord(rawValue: 0x6300 | UInt16(triesLeft))
    }

    /// Whether that says that a PIN was wrong.
    var isWrongPIN: Bool { rawValue & 0xFF00 == 0x6300 }
}
