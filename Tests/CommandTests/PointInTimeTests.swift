import Testing

@testable import keyprov

@Suite struct PointInTimeTests {
    @Test func `A time that was printed is read back`() {
        for time in [0, 1, 86_399, 86_400, 951_782_400, 1_795_299_200, 4_107_542_400, 253_402_300_799] as [UInt64] {
            #expect(PointInTime(argument: UTC.text(time))?.unixTime == time)
            #expect(PointInTime(argument: UTC.day(time))?.unixTime == time / 86_400 * 86_400)
            #expect(PointInTime(argument: String(UTC.text(time).dropLast(4)))?.unixTime == time)
            #expect(PointInTime(argument: String(time))?.unixTime == time)
        }
    }

    @Test func `Every day of four centuries is itself`() {
        for day in stride(from: 0 as UInt64, to: 146_097 * 86_400, by: 86_400) {
            #expect(UTC.time(parsing: UTC.day(day)) == day)
        }
    }

    @Test(arguments: [
        "", " ", "2026-11", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-11-31", "1969-12-31",
        "26-11-21", "2026-11-21 ", "2026-11-21 24:00:00", "2026-11-21 10:60:00", "2026-11-21 10:00:60",
        "2026-11-21 10:00", "2026-11-21 10:00:00 CET", "2026-11-21 10:00:00 UTC x", "+026-11-21", "-1", "1.5",
        "2026/11/21", "20261121x", "99999999999999999999", "٢٠٢٦-11-21",
    ])
    func `Anything else is no time`(_ text: String) { #expect(PointInTime(argument: text) == nil) }
}
