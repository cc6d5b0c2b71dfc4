/// SET CODE and VALIDATE: a key that the host derives from a password opens the applet.
extension OATHApplet {
    /// Data of SET CODE: `73` type and key, `74` the host's challenge, `75` HMAC of it, which shows that the key came
    /// over whole; or `73 00` alone, which takes the code away.
    mutating func setCode(_ data: [UInt8], in memory: inout OATHMemory) throws(StatusWord) {
        var fields = TLVReader(data)
        var key = try fields.value(.key)[...]
        guard let typeByte = key.popFirst() else {
            try fields.requireEnd()
            memory.accessKey = nil
            (isOpen, challenge) = (false, nil)
            return
        }
        let type = OATHKeyType(rawValue: typeByte)
        guard type.isTOTP, let hash = type.hash, profile.accepts(type, keyLength: key.count) else {
            throw .wrongData
        }
        let hostChallenge = try fields.value(.challenge)
        let response = try fields.value(.response)
        try fields.requireEnd()
        let expected = try hash.authenticate(try checked(hostChallenge), key: Array(key))
        guard response.count == expected.count else { throw .wrongData }
        guard constantTimeEqual(response, expected) else { throw .noSuchObject }
        memory.accessKey = OATHAccessKey(type: typeByte, key: Array(key))
        // The challenge of the SELECT before was none or was one for another key.
        (isOpen, challenge) = (profile.staysOpenAfterSetCode, nil)
    }

    /// Data of VALIDATE: `75` HMAC of the challenge that SELECT gave, `74` a challenge of the host's.
    ///
    /// - Returns: `75` HMAC of the host's challenge, so that each side knows of the other that it has the key.
    mutating func validate(_ data: [UInt8], _ memory: OATHMemory) throws(StatusWord) -> [UInt8] {
        guard let accessKey = memory.accessKey, let hash = OATHKeyType(rawValue: accessKey.type).hash else {
            throw .noSuchObject
        }
        var fields = TLVReader(data)
        let response = try fields.value(.response)
        let hostChallenge = try fields.value(.challenge)
        try fields.requireEnd()
        guard let challenge, hostChallenge.count >= Self.shortestHostChallenge else { throw .wrongData }
        // The one that is drawn instead is told by the next SELECT.
        if profile.habits.opensForOneCommand { self.challenge = nil }
        let expected = try hash.authenticate(challenge, key: accessKey.key)
        guard constantTimeEqual(response, expected) else { throw profile.habits.wrongCode }
        let answer = try hash.authenticate(try checked(hostChallenge), key: accessKey.key)
        isOpen = true
        return OATHTag.response.field(answer)
    }

    private func checked(_ challenge: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard (1...OATHStoredCredential.longestChallenge).contains(challenge.count) else { throw .wrongData }
        return challenge
    }

    private static let shortestHostChallenge = 8
}
