internal import Glibc

/// A point in time as log files have it, in UTC.
struct Timestamp {
    /// Year, month, day; hour, minute, second.
    private let date: [String]
    private let time: [String]

    /// - Parameter unixTime: seconds since 1970; what no calendar has counts as 1970.
    init(unixTime: Int) {
        var seconds = time_t(unixTime)
        var parts = unsafe tm()
        if unsafe gmtime_r(&seconds, &parts) == nil {
            seconds = 0
            _ = unsafe gmtime_r(&seconds, &parts)
        }
        date = unsafe [
            Self.digits(parts.tm_year + Self.firstYear, 4), Self.digits(parts.tm_mon + 1, 2),
            Self.digits(parts.tm_mday, 2),
        ]
        time = unsafe [
            Self.digits(parts.tm_hour, 2), Self.digits(parts.tm_min, 2), Self.digits(parts.tm_sec, 2),
        ]
    }

    /// What `tm_year` is counted from.
    private static let firstYear: Int32 = 1900

    /// `2026-11-21T12:00:00` (ISO 8601).
    var iso: String { date.joined(separator: "-") + "T" + time.joined(separator: ":") }

    /// `21.11.2026 12:00`.
    var dotted: String { date.reversed().joined(separator: ".") + " " + time.dropLast().joined(separator: ":") }

    private static func digits(_ number: Int32, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(count - text.utf8.count, 0)) + text
    }
}
