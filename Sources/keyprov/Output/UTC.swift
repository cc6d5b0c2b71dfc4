enum UTC {
    /// For instance `2026-11-21`.
    ///
    /// - Parameter unixTime: seconds since 1970.
    static func day(_ unixTime: UInt64) -> String { date(unixTime / 86_400).map(padded).joined(separator: "-") }

    /// For instance `2026-11-21 22:53:10 UTC`.
    ///
    /// - Parameter unixTime: seconds since 1970.
    static func text(_ unixTime: UInt64) -> String {
        let (days, second) = unixTime.quotientAndRemainder(dividingBy: 86_400)
        let time = [second / 3600, second / 60 % 60, second % 60]
        return date(days).map(padded).joined(separator: "-") + " " + time.map(padded).joined(separator: ":") + " UTC"
    }

    /// Year, month and day in the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms",
    /// `civil_from_days`): the year is taken to begin in March, so that the leap day is its last.
    private static func date(_ daysSince1970: UInt64) -> [UInt64] {
        let (era, day) = (daysSince1970 + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        return [
            era * 400 + year + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9, dayOfMonth,
        ]
    }

    private static func padded(_ number: UInt64) -> String { (number < 10 ? "0" : "") + String(number) }
}
