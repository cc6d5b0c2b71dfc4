internal import Glibc

/// Points in time as sheets and PDF files have them, in UTC.
enum CalendarTime {
    /// `2020-01-01 00:00:00 UTC`.
    static func text(_ unixTime: UInt64) -> String { parts(unixTime).map { "\($0) \($1) UTC" } ?? String(unixTime) }

    /// `2020-01-01T00:00:00Z` (ISO 8601), at the start of the day: the hour of a job concerns nobody.
    static func day(_ unixTime: UInt64) -> String { parts(unixTime).map { "\($0.date)T00:00:00Z" } ?? "" }

    private static func parts(_ unixTime: UInt64) -> (date: String, time: String)? {
        var seconds = time_t(clamping: unixTime)
        var time = unsafe tm()
        guard unsafe gmtime_r(&seconds, &time) != nil else { return nil }
        let date = unsafe [time.tm_year + firstYear, time.tm_mon + 1, time.tm_mday]
        let clock = unsafe [time.tm_hour, time.tm_min, time.tm_sec]
        return (date.map(padded).joined(separator: "-"), clock.map(padded).joined(separator: ":"))
    }

    /// What `tm_year` is counted from.
    private static let firstYear: Int32 = 1900

    private static func padded(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
}
