import ByteBuffers

/// PUT, UPDATE and the codes.
extension SecretsApplet {
    /// Data of PUT:
    ///
    ///     71 n  label
    ///     73 n  kind and hash, digits, secret
    ///     78    properties, one byte without length; may be left out
    ///     7A 4  first counter, big-endian; may be left out, and belongs to kinds that count
    ///     83 n, 84 n, 85 n   login, password, notes; may be left out
    func credential(_ fields: inout TLVReader) throws(StatusWord) -> SecretsCredential {
        let label = try fields.value(.name)
        var key = try fields.value(.key)[...]
        guard key.count > 2, let typeByte = key.popFirst(), let digits = key.popFirst() else { throw .wrongData }
        let type = SecretsType(rawValue: typeByte)
        guard let kind = type.kind, type.hash != nil else { throw .wrongData }
        let properties: UInt8 = fields.nextTag == .property ? try fields.bareByte(.property) : 0
        var counter: UInt32 = 0
        if kind.counts, fields.nextTag == .initialMovingFactor {
            var reader = ByteReader(try fields.value(.initialMovingFactor))
            guard let value = try? reader.bigEndian32(), reader.isAtEnd else { throw .wrongData }
            counter = value
        }
        return SecretsCredential(
            label: label, type: type, digits: digits, secret: Array(key),
            needsTouch: properties & Property.requireTouch != 0, isEncrypted: properties & Property.pinEncrypt != 0,
            counter: counter, passwordFields: try passwordFields(&fields))
    }

    func put(_ fields: inout TLVReader, _ mayUsePINKey: Bool, _ memory: inout SecretsMemory) throws(StatusWord) {
        let credential = try credential(&fields)
        guard memory.credentials.count < SecretsMemory.capacity else { throw .noSpace }
        guard memory.index(of: credential.label) == nil else { throw .operationBlocked }
        let takesPIN = credential.isEncrypted || credential.type.kind == .reverseHOTP
        guard !takesPIN || mayUsePINKey else { throw .securityStatusNotSatisfied }
        memory.credentials.append(credential)
    }

    /// Data of UPDATE: `71` the label there is, then what changes: `71` another label, `83` to `85`.
    func update(_ fields: inout TLVReader, _ mayUsePINKey: Bool, _ memory: inout SecretsMemory) throws(StatusWord) {
        let index = try index(&fields, mayUsePINKey, memory)
        if fields.nextTag == .name {
            let label = try fields.value(.name)
            guard memory.index(of: label) == nil else { throw .operationBlocked }
            memory.credentials[index].label = label
        }
        let password = try passwordFields(&fields)
        if !password.isEmpty { memory.credentials[index].passwordFields = password }
    }

    /// The credential whose label comes next; one under the PIN is not there without it.
    func index(
        _ fields: inout TLVReader, _ mayUsePINKey: Bool, _ memory: SecretsMemory
    ) throws(StatusWord) -> Int {
        let label = try fields.value(.name)
        guard let index = memory.index(of: label), mayUsePINKey || !memory.credentials[index].isEncrypted else {
            throw .applicationNotFound
        }
        return index
    }

    /// Data of CALCULATE: `71` label, `74` challenge, which kinds that count do not look at.
    func calculate(
        _ fields: inout TLVReader, _ mayUsePINKey: Bool, _ memory: inout SecretsMemory
    ) throws(StatusWord) -> [UInt8] {
        let index = try index(&fields, mayUsePINKey, memory)
        let challenge = try fields.value(.challenge)
        let credential = memory.credentials[index]
        let message: [UInt8]
        switch credential.type.kind {
        case .totp: message = challenge
        case .hotp:
            message = bigEndianBytes(UInt64(credential.counter))
            guard credential.counter < .max else { throw .unspecifiedExecutionError }
            memory.credentials[index].counter += 1
        default: throw .conditionsNotSatisfied
        }
        let word = OATHStoredCredential.truncated(try digest(message, credential))
        return OATHTag.truncatedResponse.field([credential.digits] + word)
    }

    /// Data of VERIFY CODE: `71` label, `75` the code as a number, big-endian: the host shows the key a code, and the key
    /// looks whether it is one of the ten that are next.
    func verifyCode(
        _ fields: inout TLVReader, _ mayUsePINKey: Bool, _ memory: inout SecretsMemory
    ) throws(StatusWord) -> [UInt8] {
        let index = try index(&fields, mayUsePINKey, memory)
        var reader = ByteReader(try fields.value(.response))
        guard let code = try? reader.bigEndian32(), reader.isAtEnd else { throw .wrongData }
        let credential = memory.credentials[index]
        guard credential.type.kind == .reverseHOTP else { throw .conditionsNotSatisfied }
        for offset in 0...Self.lookAhead {
            let (counter, overflow) = credential.counter.addingReportingOverflow(offset)
            guard !overflow, counter < .max else { throw .unspecifiedExecutionError }
            let digest = try digest(bigEndianBytes(UInt64(counter)), credential)
            let text = OATHStoredCredential.code(digest, digits: min(Int(credential.digits), Self.mostDigits))
            guard UInt32(text) == code else { continue }
            memory.credentials[index].counter = counter + 1
            return OATHTag.noResponse.field([])
        }
        throw .verificationFailed
    }

    func verifyPIN(_ pin: [UInt8], _ memory: inout SecretsMemory) throws(StatusWord) {
        guard let right = memory.pin else { throw .securityStatusNotSatisfied }
        guard memory.pinTriesLeft > 0 else { throw .verificationFailed }
        guard constantTimeEqual(pin, right) else {
            memory.pinTriesLeft -= 1
            throw .verificationFailed
        }
        memory.pinTriesLeft = SecretsMemory.pinTries
    }

    private func digest(_ message: [UInt8], _ credential: SecretsCredential) throws(StatusWord) -> [UInt8] {
        guard let hash = credential.type.hash else { throw .conditionsNotSatisfied }
        return try hash.authenticate(message, key: credential.secret)
    }

    private func passwordFields(_ fields: inout TLVReader) throws(StatusWord) -> [UInt8] {
        var kept: [UInt8] = []
        while let tag = fields.nextTag {
            guard OATHTag.passwordFields.contains(tag) else { throw .wrongData }
            kept += tag.field(try fields.value(tag))
        }
        return kept
    }

    private static let lookAhead: UInt32 = 9
    private static let mostDigits = 10

    private enum Property {
        static let requireTouch: UInt8 = 0x02
        static let pinEncrypt: UInt8 = 0x04
    }
}
