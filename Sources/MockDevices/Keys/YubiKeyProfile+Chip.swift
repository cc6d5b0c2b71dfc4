/// The chip of a YubiKey, new or from a state file.
extension YubiKeyProfile {
    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        card(serial: serial, memory: nil, slotMemory: OTPMemory(), random: random)
    }

    func chip(
        serial: UInt32, content: YubiKeyContent, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        card(
            serial: serial, memory: try content.oath.memory(oath),
            slotMemory: try content.slots?.memory() ?? OTPMemory(),
            random: random)
    }

    private func card(
        serial: UInt32, memory: OATHMemory?, slotMemory: OTPMemory, random: any RandomNumberGenerator & Sendable
    ) -> YubiKeyCard {
        let slots = OTPSlots(
            profile: OTPProfile(firmware: firmware), serial: serial,
            management: ManagementApplet(profile: management, serial: serial))
        return YubiKeyCard(oathProfile: oath, slots: slots, memory: memory, slotMemory: slotMemory, random: random)
    }
}
