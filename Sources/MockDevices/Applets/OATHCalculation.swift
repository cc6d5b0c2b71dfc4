/// The codes of one credential (YKOATH protocol, "CALCULATE"; RFC 4226, section 5.3).
extension OATHStoredCredential {
    /// Computes the HMAC of the challenge, or of the counter, which then goes on by one.
    mutating func respond(to challenge: [UInt8], _ habits: OATHHabits) throws(StatusWord) -> [UInt8] {
        guard let hash = type.hash else { throw .internalError }
        if type.isHOTP {
            if habits.countsBeforeComputing { counter &+= 1 }
            let message = Array(bigEndianBytes(counter).suffix(habits.counterLength))
            let digest = try hash.authenticate(message, key: secret)
            if !habits.countsBeforeComputing { counter &+= 1 }
            return digest
        }
        guard !challenge.isEmpty, challenge.count <= Self.longestChallenge else { throw .wrongData }
        if properties.contains(.onlyIncreasing) {
            if let last = lastChallenge, Self.isLess(challenge, last) { throw .securityStatusNotSatisfied }
            lastChallenge = challenge
        }
        return try hash.authenticate(challenge, key: secret)
    }

    /// - Returns: the digits, then the HMAC or the four bytes that RFC 4226 cuts out of it, in a field.
    func field(_ digest: [UInt8], truncated: Bool) -> [UInt8] {
        guard truncated else { return OATHTag.response.field([digits] + digest) }
        return OATHTag.truncatedResponse.field([digits] + Self.truncated(digest))
    }

    /// The four bytes of a digest that a code is made of.
    static func truncated(_ digest: [UInt8]) -> [UInt8] {
        let offset = Int((digest.last ?? 0) & truncationOffsetMask)
        var code = Array(digest.dropFirst(offset).prefix(truncatedLength))
        if let top = code.first { code[0] = top & truncatedTopMask }
        return code
    }

    /// The code as it is typed, with leading zeros.
    static func code(_ digest: [UInt8], digits: Int) -> String {
        let number = truncated(digest).reduce(0) { $0 << UInt64(UInt8.bitWidth) | UInt64($1) }
        let power = (0..<digits).reduce(UInt64(1)) { power, _ in power * 10 }
        let code = String(number % power)
        return String(repeating: "0", count: digits - code.utf8.count) + code
    }

    /// Compares challenges of any lengths as big-endian numbers.
    static func isLess(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let (left, right) = (left.drop { $0 == 0 }, right.drop { $0 == 0 })
        return left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }

    static let longestChallenge = 64
    private static let truncatedLength = 4
    private static let truncationOffsetMask: UInt8 = 0x0F
    private static let truncatedTopMask: UInt8 = 0x7F
}
