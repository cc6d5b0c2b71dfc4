/// The part of a YubiKey's state file that is not its header's.
struct YubiKeyContent: Codable {
    let oath: OATHContent
    /// nil where none was ever written.
    let slots: SlotContent?

    init(_ memory: OATHMemory, _ slotMemory: OTPMemory) {
        oath = OATHContent(memory)
        slots = slotMemory == OTPMemory() ? nil : SlotContent(slotMemory)
    }
}

/// The part of a state file that is the OTP application's.
struct SlotContent: Codable {
    let sequence: UInt8
    let configurations: [Configuration]

    struct Configuration: Codable {
        let slot: Int
        let record: HexBytes
        let uses: UInt64
    }

    init(_ memory: OTPMemory) {
        sequence = memory.sequence
        configurations = OTPSlotNumber.allCases.compactMap { number in
            memory[number].map {
                Configuration(slot: number.rawValue, record: HexBytes($0.record), uses: $0.uses)
            }
        }
    }

    /// - Throws: `.invalid` for what a key would never have stored.
    func memory() throws(VirtualKeyError) -> OTPMemory {
        var slots: [OTPSlotNumber: OTPStoredSlot] = [:]
        for stored in configurations {
            guard let number = OTPSlotNumber(rawValue: stored.slot), slots[number] == nil,
                let slot = OTPStoredSlot(stored.record.bytes, uses: stored.uses)
            else { throw .invalid(.slot(stored.slot)) }
            slots[number] = slot
        }
        guard (sequence == 0) == slots.isEmpty else { throw .invalid(.sequence) }
        return OTPMemory(sequence: sequence, slots: slots)
    }
}
