/// One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238).
public enum OneTimePassword {
    /// The code at a counter (HOTP) or time step (TOTP), with the credential's number of digits.
    public static func code(for credential: Credential, counter: UInt64) throws(CryptoError) -> String {
        let mac = try response(secret: credential.secret, algorithm: credential.algorithm, counter: counter)
        guard let code = truncate(mac, digits: credential.digits) else {
            throw CryptoError(.truncate, code: .invalidArgument)
        }
        return code
    }

    /// The code at `unixTime`, seconds since 1970, for a time-based credential; that at the stored counter for another.
    public static func code(for credential: Credential, at unixTime: UInt64) throws(CryptoError) -> String {
        switch credential.kind {
        case .totp(let period): try code(for: credential, counter: timeStep(at: unixTime, period: period))
        case .hotp(let counter): try code(for: credential, counter: counter)
        }
    }

    /// RFC 6238 section 4.2: T = unixTime / period, with T0 = 0.
    ///
    /// - Parameter period: seconds; anything below 1 counts as 1.
    public static func timeStep(at unixTime: UInt64, period: Int) -> UInt64 { unixTime / UInt64(max(period, 1)) }

    /// The whole MAC of a counter: what a key in challenge-response mode answers.
    public static func response(
        secret: Secret, algorithm: HashAlgorithm, counter: UInt64
    ) throws(CryptoError) -> [UInt8] {
        try HMAC.authenticate(message(for: counter), key: secret, algorithm: algorithm)
    }

    /// A counter or time step as it is hashed, and as keys are asked with: 8 bytes, big-endian (RFC 4226 section 5.2).
    public static func message(for counter: UInt64) -> [UInt8] {
        stride(from: UInt64.bitWidth - UInt8.bitWidth, through: 0, by: -UInt8.bitWidth).map { shift in
            UInt8(truncatingIfNeeded: counter >> UInt64(shift))
        }
    }

    /// Dynamic truncation (RFC 4226 section 5.3).
    ///
    /// ```
    /// last byte of the MAC, low 4 bits   offset
    /// MAC[offset ..< offset + 4]         big-endian, its top bit cleared
    /// that number mod 10^digits          the code, with leading zeros
    /// ```
    ///
    /// - Parameter digits: 1 up to 9, as many as 31 bits fill.
    /// - Returns: nil when the MAC is too short for its own offset, or `digits` out of range.
    public static func truncate(_ mac: [UInt8], digits: Int) -> String? {
        word(of: mac).flatMap { code(truncated: $0, digits: digits) }
    }

    /// The four bytes that dynamic truncation leaves of a MAC, with the top bit cleared.
    ///
    /// - Returns: nil when the MAC is too short for its own offset.
    public static func word(of mac: [UInt8]) -> UInt32? {
        guard let last = mac.last else { return nil }
        let word = mac.dropFirst(Int(last & offsetMask)).prefix(wordLength)
        guard word.count == wordLength else { return nil }
        return word.reduce(0) { $0 << UInt32(UInt8.bitWidth) | UInt32($1) } & signMask
    }

    /// The code that the four bytes stand for that dynamic truncation leaves of a MAC; their top bit does not count.
    ///
    /// - Parameter digits: 1 up to 9, as many as 31 bits fill.
    /// - Returns: nil when `digits` is out of range.
    public static func code(truncated word: UInt32, digits: Int) -> String? {
        guard 1...9 ~= digits else { return nil }
        let modulus = (0..<digits).reduce(UInt32(1)) { power, _ in power * 10 }
        let code = String((word & signMask) % modulus)
        return String(repeating: "0", count: digits - code.utf8.count) + code
    }

    private static let offsetMask: UInt8 = 0b1111
    private static let wordLength = 4
    private static let signMask: UInt32 = 0x7FFF_FFFF
}
