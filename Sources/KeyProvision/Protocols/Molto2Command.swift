import ByteBuffers
import SecretFormats

/// Commands to a Molto2. Those of class 84 carry a MAC behind a body that may be encrypted, with SM4 under the customer
/// key's hash.
///
///     84 INS P1 profile Lc   body, encrypted    n × 16
///                            MAC                4
///
/// The MAC is over `80 INS P1 profile n×16` and the body, padded with 80 00 … only where it is no whole number of blocks; it is
/// the start of the last block of the chain.
struct Molto2Command {
    let key: Secret

    /// SHA-1 of the customer key, its first 16 bytes.
    init(customerKey: Secret) throws(CryptoError) {
        let digest = try customerKey.hashed(with: .sha1)
        key = digest.withBytes { Secret(copying: $0.extracting(first: SM4.keyLength)) }
    }

    static var readInfo: CommandAPDU {
        CommandAPDU(cla: Molto2Wire.plainClass, ins: Molto2Wire.Instruction.readPublicData)
    }

    static func readProfile(_ number: UInt8) -> CommandAPDU {
        CommandAPDU(
            cla: Molto2Wire.plainClass, ins: Molto2Wire.Instruction.readPublicData, p2: number,
            data: WipedBuffer([Molto2Wire.Tag.seedInfo]))
    }

    static var getChallenge: CommandAPDU {
        CommandAPDU(
            cla: Molto2Wire.plainClass, ins: Molto2Wire.Instruction.getChallenge, p1: Molto2Wire.P1.challengeLength)
    }

    static func deleteSeed(_ profile: UInt8) -> CommandAPDU {
        CommandAPDU(cla: Molto2Wire.plainClass, ins: Molto2Wire.Instruction.deleteSeed, p2: profile)
    }

    /// The challenge and as many zeros, encrypted.
    func answer(_ challenge: some Collection<UInt8>) throws(CryptoError) -> CommandAPDU {
        let block = WipedBuffer(challenge)
        block.append(repeating: 0, count: max(0, SM4.blockLength - block.count))
        return CommandAPDU(
            cla: Molto2Wire.plainClass, ins: Molto2Wire.Instruction.answerChallenge,
            data: WipedBuffer(try encrypt(block)))
    }

    /// - Parameter seed: 1 to 63 bytes, not a whole number of blocks: whether those are padded the sources disagree.
    func writeSeed(_ seed: Secret, to profile: UInt8) throws(CryptoError) -> CommandAPDU {
        let padded = WipedBuffer(capacity: seed.count + SM4.blockLength)
        seed.withBytes { padded.append(contentsOf: $0) }
        return try secure(
            Molto2Wire.Instruction.writeSeed, p1: Molto2Wire.P1.seed, profile,
            body: WipedBuffer(try encrypt(Self.padded(padded))))
    }

    /// - Parameter title: at most 12 bytes of UTF-8.
    func writeTitle(_ title: String, to profile: UInt8) throws(CryptoError) -> CommandAPDU {
        try secure(
            Molto2Wire.Instruction.writeTitle, p1: 0, profile,
            body: WipedBuffer(try encrypt(Self.padded(WipedBuffer(title.utf8)))))
    }

    /// Sets the clock alone.
    func setTime(_ unixTime: UInt32, of profile: UInt8) throws(CryptoError) -> CommandAPDU {
        try configure(profile, Self.time(unixTime))
    }

    /// Sets what the profile computes, the clock and how long the screen stays on.
    ///
    ///     81 14   1F 01 screen   0F 04 time   86 09 [ 0A 01 hash   0B 01 digits   0D 01 step ]
    func configure(
        _ profile: UInt8, sha256: Bool, digits: UInt8, period: UInt8, unixTime: UInt32
    ) throws(CryptoError) -> CommandAPDU {
        let parameters =
            Self.tlv(Molto2Wire.Tag.totpHMAC, [sha256 ? Molto2Wire.sha256 : Molto2Wire.sha1])
            + Self.tlv(Molto2Wire.Tag.codeLength, [digits]) + Self.tlv(Molto2Wire.Tag.timeStep, [period])
        return try configure(
            profile,
            Self.tlv(Molto2Wire.Tag.screenTimeout, [Molto2Wire.screenOn30Seconds]) + Self.time(unixTime)
                + Self.tlv(Molto2Wire.Tag.totpParameters, parameters))
    }

    private func configure(_ profile: UInt8, _ fields: [UInt8]) throws(CryptoError) -> CommandAPDU {
        try secure(
            Molto2Wire.Instruction.writeConfiguration, p1: Molto2Wire.P1.configuration, profile,
            body: WipedBuffer(Self.tlv(Molto2Wire.Tag.systemConfiguration, fields)))
    }

    private func secure(
        _ instruction: UInt8, p1: UInt8, _ profile: UInt8, body: WipedBuffer
    ) throws(CryptoError) -> CommandAPDU {
        let message = WipedBuffer(
            [Molto2Wire.plainClass, instruction, p1, profile, UInt8(truncatingIfNeeded: body.count)])
        message.append(contentsOf: body)
        let isWhole = message.count.isMultiple(of: SM4.blockLength)
        let chained = isWhole ? message : Self.padded(message)
        let mac = try chained.withBytes { bytes throws(CryptoError) in try SM4.lastOfChain(bytes, key: key) }
        body.append(contentsOf: mac.prefix(Molto2Wire.macLength))
        return CommandAPDU(
            cla: Molto2Wire.secureClass, ins: instruction, p1: p1, p2: profile, data: body)
    }

    private func encrypt(_ blocks: WipedBuffer) throws(CryptoError) -> [UInt8] {
        try blocks.withBytes { bytes throws(CryptoError) in try SM4.encrypt(bytes, key: key) }
    }

    private static func padded(_ bytes: WipedBuffer) -> WipedBuffer {
        bytes.append(Molto2Wire.paddingMark)
        let rest = bytes.count % SM4.blockLength
        bytes.append(repeating: 0, count: rest == 0 ? 0 : SM4.blockLength - rest)
        return bytes
    }

    private static func time(_ unixTime: UInt32) -> [UInt8] {
        tlv(
            Molto2Wire.Tag.utcTime,
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: unixTime >> $0) })
    }

    private static func tlv(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
        [tag, UInt8(truncatingIfNeeded: value.count)] + value
    }
}
