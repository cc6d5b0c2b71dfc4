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

    /// Seconds since 1970 of a day, as `2026-11-21`, or of a second, as `2026-11-21 22:53:10`, with or without a `UTC`
    /// behind it.
    ///
    /// - Returns: nil for anything else, a day that there is not among it.
    static func time(parsing text: String) -> UInt64? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let first = words.first, words.count < 3 || words.count == 3 && words[2] == "UTC" else { return nil }
        let date = numbers(first, separator: "-", widths: [4, 2, 2])
        let time = words.count > 1 ? numbers(words[1], separator: ":", widths: [2, 2, 2]) : [0, 0, 0]
        guard let date, let time, time[0] < 24, time[1] < 60, time[2] < 60, 1...12 ~= date[1],
            let days = days(year: date[0], month: date[1], day: date[2])
        else { return nil }
        return days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    /// The way back of `date`; nil before 1970 and for a day that its month does not have.
    private static func days(year: UInt64, month: UInt64, day: UInt64) -> UInt64? {
        guard year >= 1970, day >= 1 else { return nil }
        let (monthFromMarch, shiftedYear) = month > 2 ? (month - 3, year) : (month + 9, year - 1)
        let (era, yearOfEra) = shiftedYear.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return date(days) == [year, month, day] ? days : nil
    }

    private static func numbers(_ text: Substring, separator: Character, widths: [Int]) -> [UInt64]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.count) == widths, parts.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) else { return nil }
        return parts.compactMap { UInt64($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

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
