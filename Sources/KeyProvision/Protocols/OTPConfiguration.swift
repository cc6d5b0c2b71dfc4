import ByteBuffers
import SecretFormats

/// What is written into a slot (yubikey-personalization, `ykdef.h`, `config_st`).
///
///      0  16  fixed          token id or public id
///     16   6  uid            private id; the rest of a long key
///     22  16  key
///     38   6  access code    of the slot from now on
///     44   1  length of fixed
///     45   1  extended flags
///     46   1  ticket flags
///     47   1  config flags
///     48   2  reserved
///     50   2  checksum       little-endian, inverted, of bytes 0 to 49
///
/// The slot's access code up to now follows, 6 bytes, and is no part of the checksum.
///
/// OATH-HOTP and HMAC-SHA1 have keys of 20 bytes: the first 16 in `key`, the others in `uid` 0 to 3.
struct OTPConfiguration {
    /// At most 16 bytes.
    var fixed: WipedBuffer
    /// 6 bytes and 16 bytes.
    let uid: WipedBuffer
    let key: WipedBuffer
    var extended: OTPExtendedFlags
    var ticket: OTPTicketFlags
    var config: OTPConfigFlags

    /// - Parameter fixed: a public part.
    init(
        fixed: [UInt8] = [], uid: WipedBuffer, key: WipedBuffer, extended: OTPExtendedFlags, ticket: OTPTicketFlags,
        config: OTPConfigFlags
    ) {
        self.init(
            fixed: WipedBuffer(fixed), uid: uid, key: key, extended: extended, ticket: ticket, config: config)
    }

    /// - Parameter fixed: what a static password puts there, which is as secret as the rest.
    init(
        fixed: WipedBuffer, uid: WipedBuffer, key: WipedBuffer, extended: OTPExtendedFlags, ticket: OTPTicketFlags,
        config: OTPConfigFlags
    ) {
        (self.fixed, self.uid, self.key) = (fixed, uid, key)
        (self.extended, self.ticket, self.config) = (extended, ticket, config)
    }

    /// OATH-HOTP (RFC 4226), typed at a touch, with a return after it.
    ///
    /// - Parameters:
    ///   - key: 1 to 20 bytes, or more than 64.
    ///   - counter: the first one; a multiple of `counterStep`, at most `maxCounter`. It goes, divided by that step, into
    ///     `uid` 4 to 5, big-endian.
    static func oathHOTP(key secret: Secret, hasEightDigits: Bool, counter: UInt32) throws(DeviceError) -> Self {
        let (key, rest) = try split(secret)
        rest.append(bigEndian: UInt16(truncatingIfNeeded: counter / counterStep))
        return OTPConfiguration(
            uid: rest, key: key, extended: [.serialAPIVisible, .allowUpdate, .fastTrigger],
            ticket: [.oathHOTP, .appendCarriageReturn],
            config: hasEightDigits ? [.oathFixedModhex2, .oathHOTP8] : .oathFixedModhex2)
    }

    /// HMAC-SHA1 of challenges of any length below 64 bytes.
    ///
    /// - Parameter key: 1 to 20 bytes, or more than 64.
    static func hmacSHA1(key secret: Secret, touch: Bool) throws(DeviceError) -> Self {
        let (key, rest) = try split(secret)
        rest.append(bigEndian: UInt16(0))
        return OTPConfiguration(
            uid: rest, key: key, extended: [.serialAPIVisible, .allowUpdate], ticket: .challengeResponse,
            config: touch
                ? [.challengeHMAC, .hmacLessThan64, .challengeButtonTrigger] : [.challengeHMAC, .hmacLessThan64])
    }

    /// Yubico OTP, typed at a touch, with a return after it.
    static func yubicoOTP(_ credential: YubicoOTPCredential) -> Self {
        OTPConfiguration(
            fixed: credential.publicID, uid: buffer(credential.privateID), key: buffer(credential.key),
            extended: typing, ticket: .appendCarriageReturn, config: [])
    }

    /// Scan codes, typed at a touch, with a return after them: they fill the fixed part, then the private id, then the key.
    static func staticPassword(_ password: StaticPassword) -> Self {
        let codes = buffer(password.scanCodes)
        codes.append(repeating: 0, count: max(0, StaticPassword.lengthRange.upperBound - codes.count))
        let (uid, key) = (WipedBuffer(capacity: uidLength), WipedBuffer(capacity: keyLength))
        let fixed = WipedBuffer(capacity: fixedLength)
        codes.withBytes { bytes in
            fixed.append(contentsOf: bytes.extracting(0..<fixedLength))
            uid.append(contentsOf: bytes.extracting(fixedLength..<fixedLength + uidLength))
            key.append(contentsOf: bytes.extracting(fixedLength + uidLength..<bytes.byteCount))
        }
        return OTPConfiguration(
            fixed: fixed, uid: uid, key: key, extended: typing, ticket: .appendCarriageReturn, config: .shortTicket)
    }

    /// Flags alone, for an update: those with which this program writes a slot of that kind.
    static func flags(computes: Bool, touch: Bool) -> Self {
        let config: OTPConfigFlags =
            computes ? touch ? [.hmacLessThan64, .challengeButtonTrigger] : .hmacLessThan64 : []
        return OTPConfiguration(
            fixed: [], uid: buffer(Secret(count: uidLength) { _ in }), key: buffer(Secret(count: keyLength) { _ in }),
            extended: computes ? [.serialAPIVisible, .allowUpdate] : typing,
            ticket: computes ? [] : .appendCarriageReturn, config: config)
    }

    private static let typing: OTPExtendedFlags = [.serialAPIVisible, .allowUpdate, .fastTrigger]

    private static func buffer(_ secret: Secret) -> WipedBuffer {
        let buffer = WipedBuffer(capacity: secret.count)
        secret.withBytes { buffer.append(contentsOf: $0) }
        return buffer
    }

    static let uidLength = 6
    static let counterStep: UInt32 = 16
    static let maxCounter: UInt32 = 0xFFFF0
    static let fixedLength = 16

    /// The payload of a write: the record and the slot's access code up to now.
    ///
    /// - Parameters:
    ///   - newCode: protects the slot afterwards; nil for none.
    ///   - currentCode: the one that protects it now.
    func payload(newCode: OTPAccessCode?, currentCode: OTPAccessCode?) -> WipedBuffer {
        let record = WipedBuffer(capacity: YubiKeyOTP.payloadLength)
        record.append(contentsOf: fixed)
        record.append(repeating: 0, count: max(0, Self.fixedLength - fixed.count))
        record.append(contentsOf: uid)
        record.append(contentsOf: key)
        record.append(newCode)
        record.append(UInt8(clamping: fixed.count))
        record.append(extended.rawValue)
        record.append(ticket.rawValue)
        record.append(config.rawValue)
        record.append(littleEndian: UInt16(0))
        record.append(littleEndian: ~record.withBytes { OTPChecksum.compute($0) })
        record.append(currentCode)
        return record
    }

    /// What deletes a configuration: a record of zeros, which has no valid checksum.
    static func deletion(currentCode: OTPAccessCode?) -> WipedBuffer {
        let payload = WipedBuffer(capacity: YubiKeyOTP.payloadLength)
        payload.append(repeating: 0, count: recordLength)
        payload.append(currentCode)
        return payload
    }

    /// Cuts a key into its first 16 bytes and 4 more. A shorter one is padded with zeros, one that is longer than a block
    /// is hashed: HMAC does the same with them (RFC 2104, section 2).
    private static func split(_ secret: Secret) throws(DeviceError) -> (key: WipedBuffer, rest: WipedBuffer) {
        let secret = try fitting(secret)
        let padded = WipedBuffer(capacity: longestKey)
        secret.withBytes { padded.append(contentsOf: $0) }
        padded.append(repeating: 0, count: longestKey - secret.count)
        let (key, rest) = (WipedBuffer(capacity: keyLength), WipedBuffer(capacity: longestKey))
        padded.withBytes { bytes in
            key.append(contentsOf: bytes.extracting(0..<keyLength))
            rest.append(contentsOf: bytes.extracting(keyLength..<longestKey))
        }
        return (key, rest)
    }

    private static func fitting(_ secret: Secret) throws(DeviceError) -> Secret {
        guard secret.count > HashAlgorithm.sha1.blockLength else {
            guard secret.count <= longestKey else {
                throw .notSupported(.secretTooLong(secret.count, limit: longestKey))
            }
            return secret
        }
        do throws(CryptoError) { return try secret.hashed(with: .sha1) } catch { throw .hostCryptography }
    }

    static let longestKey = 20
    static let keyLength = 16
    private static let recordLength = 52
}
