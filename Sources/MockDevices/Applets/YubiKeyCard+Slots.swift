/// The keyboard interface and the finger on the key.
extension YubiKeyCard {
    mutating func take(feature report: [UInt8], on interface: UInt8, at now: Duration) -> Bool {
        guard interface == Self.keyboardInterface else { return false }
        let delay: Duration? = if case .after(let delay) = touch { delay } else { nil }
        var (memory, reports) = (slotMemory, reports)
        reports.take(report, at: now, touch: delay) { command, payload in
            otp.slots.process(command, payload, &memory)
        }
        self.reports = reports
        keep(memory)
        return true
    }

    mutating func feature(on interface: UInt8, at now: Duration) -> [UInt8]? {
        guard interface == Self.keyboardInterface else { return nil }
        let isStale = otp.slots.profile.showsStaleStatus && !reports.hasReadMemory
        let status = otp.slots.status(isStale ? OTPMemory() : slotMemory)
        let (report, isTouched) = reports.report(status: status, at: now)
        if isTouched { touchCount += 1 }
        return report
    }

    /// What a touch has the slot type, where that is an OATH-HOTP code and nothing before it, or a static password; nil
    /// otherwise.
    mutating func type(slot: Int) -> String? {
        guard let slot = OTPSlotNumber(rawValue: slot) else { return nil }
        var memory = slotMemory
        let code = otp.slots.typedText(slot, &memory)
        return keep(memory) ? code : nil
    }

    /// The first one, see `YubiKeyProfile.descriptorPlan`.
    private static let keyboardInterface: UInt8 = 0
}
