/// What the OTP application keeps when power goes.
struct OTPMemory: Hashable, Sendable {
    /// 0 when no slot is configured.
    private(set) var sequence: UInt8 = 0
    /// By slot number.
    private var slots: [OTPSlotNumber: OTPStoredSlot] = [:]

    init() {}

    init(sequence: UInt8, slots: [OTPSlotNumber: OTPStoredSlot]) { (self.sequence, self.slots) = (sequence, slots) }

    subscript(slot: OTPSlotNumber) -> OTPStoredSlot? { slots[slot] }

    var configured: [OTPStoredSlot] { OTPSlotNumber.allCases.compactMap { slots[$0] } }

    /// A write that is counted. What follows 255 is not published; 0 would say that nothing is configured.
    mutating func store(_ slot: OTPStoredSlot?, in number: OTPSlotNumber) {
        slots[number] = slot
        count()
    }

    mutating func swap() {
        (slots[.one], slots[.two]) = (slots[.two], slots[.one])
        count()
    }

    mutating func count() { sequence = slots.isEmpty ? 0 : sequence == UInt8.max ? 1 : sequence + 1 }

    /// The same, as if nothing had been counted.
    var withoutSequence: OTPMemory { OTPMemory(sequence: 0, slots: slots) }

    /// A use of a slot, which counts nothing but itself.
    mutating func use(_ number: OTPSlotNumber) { slots[number]?.uses &+= 1 }

    /// Touch level of the status: bits 0 and 1 configured, bits 2 and 3 works at a touch.
    var touchLevel: UInt16 {
        OTPSlotNumber.allCases.reduce(0) { level, number in
            guard let slot = slots[number] else { return level }
            let place = UInt16(number.rawValue - 1)
            return level | Self.valid << place | (slot.needsTouch ? Self.touch << place : 0)
        }
    }

    private static let valid: UInt16 = 0x01
    private static let touch: UInt16 = 0x04
}

enum OTPSlotNumber: Int, CaseIterable, Sendable {
    case one = 1
    case two = 2
}
