extension Duration {
    /// In libusb's unit, rounded up so that nothing ends early. libusb takes 0 for "wait forever", which is never meant
    /// here: zero and less become one millisecond, and more than 49 days become 49 days.
    var libUSBMilliseconds: UInt32 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? 1 : .max }
        let part = attoseconds.dividedRoundingUp(by: Self.attosecondsPerMillisecond)
        return UInt32(clamping: max(whole.addingReportingOverflow(part).partialValue, 1))
    }

    /// For a `timeval`, rounded up; zero for less than zero.
    var wholeMicroseconds: (seconds: Int, microseconds: Int) {
        let (seconds, attoseconds) = max(self, .zero).components
        let microseconds = attoseconds.dividedRoundingUp(by: Self.attosecondsPerMicrosecond)
        let carry = microseconds / Self.microsecondsPerSecond
        return (
            Int(clamping: min(seconds, Int64(UInt32.max)) + carry), Int(microseconds % Self.microsecondsPerSecond)
        )
    }

    private static let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
    private static let attosecondsPerMicrosecond: Int64 = 1_000_000_000_000
    private static let microsecondsPerSecond: Int64 = 1_000_000
}

extension Int64 {
    /// For `self` of either sign; rounds towards positive infinity.
    fileprivate func dividedRoundingUp(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder > 0 ? quotient + 1 : quotient
    }
}
