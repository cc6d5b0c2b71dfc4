/// What an OnlyKey keeps in a slot, as far as one-time passwords go.
struct OnlyKeySlot: Hashable {
    var label: [UInt8] = []
    var totpKey: [UInt8] = []
    /// `g` for TOTP, 0 for none.
    var type: UInt8 = 0
    var password: [UInt8] = []

    /// SHA-1, six digits, 30 seconds: there is nothing to choose.
    func code(at unixTime: UInt64) -> String? {
        guard type == OnlyKeySlot.totp,
            let mac = try? HMACHash.sha1.authenticate(bigEndianBytes(unixTime / Self.period), key: totpKey)
        else { return nil }
        return OATHStoredCredential.code(mac, digits: Self.digits)
    }

    static let totp = UInt8(ascii: "g")
    private static let period: UInt64 = 30
    private static let digits = 6
}

/// The part of the state file that is an OnlyKey's.
struct OnlyKeyContent: Codable {
    let slots: [Slot]

    struct Slot: Codable {
        let slot: Int
        let label: HexBytes
        let totpKey: HexBytes
        let type: UInt8
        let password: HexBytes
    }

    init(_ slots: [Int: OnlyKeySlot]) {
        self.slots = slots.sorted { $0.key < $1.key }.map { number, slot in
            Slot(
                slot: number, label: HexBytes(slot.label), totpKey: HexBytes(slot.totpKey), type: slot.type,
                password: HexBytes(slot.password))
        }
    }

    /// - Throws: `.invalid` for what a key would never have stored.
    func slots(upTo count: Int) throws(VirtualKeyError) -> [Int: OnlyKeySlot] {
        var slots: [Int: OnlyKeySlot] = [:]
        for stored in self.slots {
            let slot = OnlyKeySlot(
                label: stored.label.bytes, totpKey: stored.totpKey.bytes, type: stored.type,
                password: stored.password.bytes)
            guard 1...count ~= stored.slot, slots[stored.slot] == nil, slot != OnlyKeySlot(),
                slot.label.count <= OnlyKeyChip.longestLabel, slot.totpKey.count <= OnlyKeyChip.longestKey,
                slot.password.count <= OnlyKeyChip.longestPassword
            else { throw .invalid(.slot(stored.slot)) }
            slots[stored.slot] = slot
        }
        return slots
    }
}
