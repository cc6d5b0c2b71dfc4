/// A moment as the clock of a Mooltipass has it: the Gregorian calendar, UTC.
struct MooltipassDate: Hashable {
    let year: UInt16
    let month: UInt16
    let day: UInt16
    let hour: UInt16
    let minute: UInt16
    let second: UInt16

    /// - Parameter unixTime: seconds since 1970.
    /// - Returns: nil for what the clock cannot show.
    init?(unixTime: UInt64) {
        guard let days = Int(exactly: unixTime / Self.secondsADay), days <= Self.mostDays else { return nil }
        var (year, left) = (Self.epoch, days)
        while left >= Self.days(inYear: year) {
            left -= Self.days(inYear: year)
            year += 1
        }
        guard MooltipassWire.years.contains(year) else { return nil }
        var month = 1
        while left >= Self.days(in: month, of: year) {
            left -= Self.days(in: month, of: year)
            month += 1
        }
        let seconds = Int(unixTime % Self.secondsADay)
        (self.year, self.month, day) = (UInt16(clamping: year), UInt16(clamping: month), UInt16(clamping: left + 1))
        (hour, minute) = (UInt16(clamping: seconds / 3600), UInt16(clamping: seconds / 60 % 60))
        second = UInt16(clamping: seconds % 60)
    }

    private static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    private static func days(inYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static let epoch = 1970
    private static let secondsADay: UInt64 = 86_400
    /// More than a century, so that no number takes long.
    private static let mostDays = 40_000
}
