import ByteBuffers

/// Slots, codes and PINs.
extension NitrokeyFirmware {
    func slot(_ reader: inout ByteReader) throws(NitrokeyRefusal) -> UInt8 {
        let slot = try reader.taken(1).first ?? 0
        guard Slot.hotp.contains(slot) || Slot.totp.contains(slot) else { throw .wrongSlot }
        return slot
    }

    func stored(_ reader: inout ByteReader, _ memory: NitrokeyMemory) throws(NitrokeyRefusal) -> NitrokeyStoredSlot {
        guard let stored = memory.slots[try slot(&reader)] else { throw .notProgrammed }
        return stored
    }

    func slotContent(_ reader: inout ByteReader, _ memory: NitrokeyMemory) throws(NitrokeyRefusal) -> [UInt8] {
        var form = reader
        let stored = try stored(&reader, memory)
        let isHOTP = Slot.hotp.contains(try slot(&form))
        let isBinary = try form.taken(1).first == 1 && profile.echoes
        let asText = profile.isStorage && isHOTP && !isBinary
        let counter = asText ? Self.decimal(stored.counter) : littleEndianBytes(stored.counter)
        return stored.name + [stored.config] + stored.tokenID + counter
    }

    // MARK: Writing

    /// `1 25 admin password   26 1 type   27 1 number   28 30 data`
    mutating func take(_ reader: inout ByteReader) throws(NitrokeyRefusal) -> [UInt8] {
        guard try reader.taken(Self.passwordLength) == adminPassword else { throw .notAuthorized }
        let type = try reader.taken(1).first
        let number = Int(try reader.taken(1).first ?? 0)
        let data = try reader.taken(Self.dataChunk)
        if type == UInt8(ascii: "N") {
            name = Array(data.prefix(NitrokeyStoredSlot.nameLength))
            return name
        }
        if number == 0 { secret = [UInt8](repeating: 0, count: NitrokeyStoredSlot.secretLength) }
        let start = number * Self.dataChunk
        guard start < secret.count else { throw .wrongSlot }
        let end = min(start + Self.dataChunk, secret.count)
        secret.replaceSubrange(start..<end, with: data.prefix(end - start))
        return secret
    }

    /// New: `1 25 admin password   26 1 slot   27 8 counter   35 1 configuration   36 13 token id`.
    /// Old: `1 1 slot   2 15 name   17 20 secret   37 1 configuration   38 13 token id   51 8 counter`.
    mutating func write(
        _ reader: inout ByteReader, _ crc: UInt32, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) {
        if profile.echoes {
            guard try reader.taken(Self.passwordLength) == adminPassword else { throw .notAuthorized }
        }
        let slot = try slot(&reader)
        var stored = NitrokeyStoredSlot(name: name, secret: secret, config: 0, tokenID: [], counter: 0)
        if profile.echoes {
            stored.counter = try reader.littleEndian64()
        } else {
            guard authorized == crc else { throw .notAuthorized }
            authorized = nil
            stored.name = try reader.taken(NitrokeyStoredSlot.nameLength)
            stored.secret = try reader.taken(Self.oldSecretLength)
            stored.secret += [UInt8](repeating: 0, count: NitrokeyStoredSlot.secretLength - Self.oldSecretLength)
        }
        stored.config = try reader.taken(1).first ?? 0
        stored.tokenID = try reader.taken(NitrokeyStoredSlot.tokenIDLength)
        if !profile.echoes { stored.counter = try oldCounter(&reader, slot) }
        guard stored.name.first != 0 else { throw .noName }
        // Once it overwrote the first HOTP slot; now it does nothing and says OK.
        if profile.isStorage, slot == Slot.totp.upperBound { return }
        // Zeros rename a slot. Old firmware looks at the first byte only.
        let keepsSecret = profile.echoes ? stored.secret.allSatisfy { $0 == 0 } : stored.secret.first == 0
        if keepsSecret { stored.secret = memory.slots[slot]?.secret ?? stored.secret }
        memory.slots[slot] = stored
        secret = [UInt8](repeating: 0, count: NitrokeyStoredSlot.secretLength)
    }

    private func oldCounter(_ reader: inout ByteReader, _ slot: UInt8) throws(NitrokeyRefusal) -> UInt64 {
        guard profile.isStorage, Slot.hotp.contains(slot) else { return try reader.littleEndian64() }
        let digits = try reader.taken(Self.counterLength).prefix { $0 != 0 }
        return UInt64(String(decoding: digits, as: UTF8.self)) ?? 0
    }

    /// `1 1 slot   2 25 admin password` in the new protocol.
    mutating func erase(
        _ reader: inout ByteReader, _ crc: UInt32, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) {
        let slot = try slot(&reader)
        if profile.echoes {
            guard try reader.taken(Self.passwordLength) == adminPassword else { throw .notAuthorized }
        } else {
            guard authorized == crc else { throw .notAuthorized }
            authorized = nil
        }
        memory.slots[slot] = nil
    }

    // MARK: Codes

    /// `1 1 slot   2 8 time   10 8 last time   18 1 interval   19 25 user password`; the slot's own interval counts.
    mutating func code(
        _ reader: inout ByteReader, _ crc: UInt32, at now: Duration, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) -> [UInt8] {
        let slot = try slot(&reader)
        guard slot != Slot.reverseHOTP else { throw .wrongSlot }
        _ = try reader.taken(Self.unusedLength)
        if memory.protectsCodes {
            if profile.echoes {
                guard try reader.taken(Self.passwordLength) == userPassword else { throw .notAuthorized }
            } else {
                guard userAuthorized == crc else { throw .notAuthorized }
                userAuthorized = nil
            }
        }
        guard var stored = memory.slots[slot] else { throw .notProgrammed }
        var counter = stored.counter
        if Slot.hotp.contains(slot) {
            stored.counter &+= 1
            memory.slots[slot] = stored
        } else {
            counter = clockTime(at: now) / max(stored.counter, 1)
        }
        guard let digest = try? HMACHash.sha1.authenticate(bigEndianBytes(counter), key: stored.secret),
            let code = UInt32(OATHStoredCredential.code(digest, digits: stored.hasEightDigits ? 8 : 6))
        else { throw .unknownError }
        return littleEndianBytes(code) + [stored.config] + stored.tokenID
    }

    // MARK: PINs

    mutating func authenticateAdmin(
        _ reader: inout ByteReader, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) {
        let pin = try reader.taken(Self.passwordLength).prefix { $0 != 0 }
        guard memory.adminTries > 0 else { throw .wrongPassword }
        guard constantTimeEqual(Array(pin), memory.adminPIN) else {
            memory.adminTries -= 1
            throw .wrongPassword
        }
        memory.adminTries = NitrokeyMemory.pinTries
        adminPassword = try reader.taken(Self.passwordLength)
    }

    mutating func authenticateUser(
        _ reader: inout ByteReader, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) {
        let pin = try reader.taken(Self.passwordLength).prefix { $0 != 0 }
        guard memory.userTries > 0 else { throw .wrongPassword }
        guard constantTimeEqual(Array(pin), memory.userPIN) else {
            memory.userTries -= 1
            throw .wrongPassword
        }
        memory.userTries = NitrokeyMemory.pinTries
        userPassword = try reader.taken(Self.passwordLength)
    }

    /// `1 4 CRC   5 25 password`
    mutating func authorize(_ reader: inout ByteReader, isUser: Bool) throws(NitrokeyRefusal) {
        guard !profile.echoes else {
            // A Storage takes it and does nothing; a Pro does not know it any more.
            guard profile.isStorage else { throw .unknownCommand }
            return
        }
        let crc = try NitrokeyRefusal.reading { () throws(ByteReader.EndOfBytes) in try reader.littleEndian32() }
        guard try reader.taken(Self.passwordLength) == (isUser ? userPassword : adminPassword) else {
            throw .wrongPassword
        }
        if isUser { userAuthorized = crc } else { authorized = crc }
    }

    private static func decimal(_ counter: UInt64) -> [UInt8] {
        let digits = Array(String(counter).utf8.prefix(counterLength))
        return digits + [UInt8](repeating: 0, count: counterLength - digits.count)
    }

    private static let dataChunk = 30
    private static let oldSecretLength = 20
    private static let counterLength = 8
    /// Time, last time and interval.
    private static let unusedLength = 17

    private enum Slot {
        static let hotp: ClosedRange<UInt8> = 0x10...0x13
        static let reverseHOTP: UInt8 = 0x13
        static let totp: ClosedRange<UInt8> = 0x20...0x2E
    }
}
