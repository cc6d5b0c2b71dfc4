import ByteBuffers

/// PUT, DELETE, RENAME, LIST and the codes.
extension OATHApplet {
    /// Data of PUT:
    ///
    ///     71 n  name, at most 64 bytes
    ///     73 n  kind and hash, digits, secret
    ///     78    property, one byte without length; may be left out
    ///     7A 4  initial moving factor, big-endian; may be left out
    ///
    /// A credential of that name is replaced.
    func put(_ data: [UInt8], in memory: inout OATHMemory) throws(StatusWord) {
        var fields = TLVReader(data)
        let name = try fields.value(.name)
        if case .listBuffer(let bytes) = profile.capacity {
            let used = memory.credentials.reduce(0) { $0 + $1.name.count + OATHProfile.listBufferOverhead }
            guard used + name.count + OATHProfile.listBufferOverhead <= bytes else { throw .noSpace }
        }
        guard name.count <= OATHProfile.longestName else { throw profile.nameTooLong }
        let credential = try self.credential(name: name, &fields)
        if let index = memory.index(ofName: name) {
            if let nameInUse = profile.habits.nameInUse { throw nameInUse }
            memory.credentials[index] = credential
            return
        }
        if case .credentials(let most) = profile.capacity, memory.credentials.count >= most { throw .noSpace }
        memory.credentials.append(credential)
    }

    private func credential(name: [UInt8], _ fields: inout TLVReader) throws(StatusWord) -> OATHStoredCredential {
        let habits = profile.habits
        var key = try fields.value(.key)[...]
        guard let typeByte = key.popFirst(), let digits = key.popFirst() else { throw .wrongData }
        let type = OATHKeyType(rawValue: typeByte)
        guard profile.accepts(type, keyLength: key.count), habits.digits.contains(digits) else { throw .wrongData }
        var credential = OATHStoredCredential(
            name: name, type: type, digits: digits, secret: Array(key), properties: [], counter: 0)
        if habits.readsPropertyWithLength {
            fields.readLoosely(into: &credential)
            return credential
        }
        if fields.nextTag == .property {
            credential.properties = OATHProperties(rawValue: try fields.bareByte(.property))
            guard habits.malformedPut == .wrongData || credential.properties.isKnown else { throw .wrongData }
        }
        if fields.nextTag == .initialMovingFactor {
            guard type.isHOTP || !habits.refusesCounterOfTOTP else { throw .wrongData }
            credential.counter = try movingFactor(&fields)
        }
        guard fields.isAtEnd else { throw habits.malformedPut }
        return credential
    }

    private func movingFactor(_ fields: inout TLVReader) throws(StatusWord) -> UInt64 {
        var reader = ByteReader(try fields.value(.initialMovingFactor))
        guard let value = try? reader.bigEndian32(), reader.isAtEnd else { throw .wrongData }
        return UInt64(value)
    }

    func delete(_ data: [UInt8], from memory: inout OATHMemory) throws(StatusWord) {
        var fields = TLVReader(data)
        let name = try fields.value(.name)
        try fields.requireEnd()
        guard let index = memory.index(ofName: name) else {
            if let status = profile.habits.deletingMissing { throw status }
            return
        }
        memory.credentials.remove(at: index)
    }

    /// Data of RENAME: `71` the name there is, `71` the new one. The protocol document does not have this command;
    /// that a name in use is refused as wrong data is our choice.
    func rename(_ data: [UInt8], in memory: inout OATHMemory) throws(StatusWord) {
        var fields = TLVReader(data)
        let (old, new) = (try fields.value(.name), try fields.value(.name))
        try fields.requireEnd()
        guard let index = memory.index(ofName: old) else { throw profile.habits.missing }
        guard new.count <= OATHProfile.longestName else { throw profile.nameTooLong }
        guard memory.index(ofName: new) == nil else { throw profile.habits.nameInUse ?? .wrongData }
        memory.credentials[index].name = new
    }

    func list(_ memory: OATHMemory) -> [UInt8] {
        memory.credentials.flatMap { OATHTag.nameList.field([$0.type.rawValue] + $0.name) }
    }

    /// Data of CALCULATE: `71` name, `74` challenge, which is empty for HOTP.
    func calculate(_ data: [UInt8], truncated: Bool, in memory: inout OATHMemory) throws(StatusWord) -> [UInt8] {
        var fields = TLVReader(data)
        let name = try fields.value(.name)
        guard let index = memory.index(ofName: name) else { throw profile.habits.missing }
        let challenge = try fields.value(.challenge)
        try fields.requireEnd()
        let digest = try memory.credentials[index].respond(to: challenge, profile.habits)
        return memory.credentials[index].field(digest, truncated: truncated)
    }

    /// Data of CALCULATE ALL: `74` challenge. A credential that would lose a counter value or needs a touch says so
    /// instead of giving a code.
    func calculateAll(_ data: [UInt8], truncated: Bool, in memory: inout OATHMemory) throws(StatusWord) -> [UInt8] {
        var fields = TLVReader(data)
        let challenge = try fields.value(.challenge)
        try fields.requireEnd()
        var answer: [UInt8] = []
        for index in memory.credentials.indices {
            let credential = memory.credentials[index]
            answer += OATHTag.name.field(credential.name)
            let digits = profile.habits.hidesDigits ? [] : [credential.digits]
            if credential.type.isHOTP {
                answer += OATHTag.noResponse.field(digits)
            } else if showsTouch(credential) {
                answer += OATHTag.touch.field(digits)
            } else {
                let digest = try memory.credentials[index].respond(to: challenge, profile.habits)
                answer += credential.field(digest, truncated: truncated)
            }
        }
        return answer
    }
}
