import TestSupport
import Testing

/// What another program wrote into a ledger is told, or shown as it is.
@Suite(.enabled(if: OutsideProgram.isInstalled("python3"), "python3 is not installed"))
struct LedgerDamageTests {
    private static let ends = ["9223372036854775807", "-9223372036854775808"]
    private static let columns = [
        "events SET entry = ? WHERE number = 5", "events SET batch = ? WHERE number = 5",
        "events SET time = ? WHERE number = 5", "events SET number = ? WHERE number = 5", "entries SET id = ?",
        "entries SET copy = ?", "entries SET changed = ?", "entries SET slot = ?", "entries SET attempt = ?",
        "attempts SET slot = ?", "attempts SET factor = ?", "attempts SET digits = ?", "head SET number = ?",
    ]

    @Test(arguments: columns)
    func `Numbers at their ends end no command but with its exit code`(column: String) throws {
        for end in Self.ends {
            let bench = try LedgerFolder()
            try bench.enroll("alice")
            try bench.sql("UPDATE " + column.replacing("?", with: end))
            for command in [
                ["status"], ["status", "--json"], ["history"], ["history", "--json"],
                ["history", "--account", "alice"], ["history", "--since", "1"], ["check"], ["check", "--json"],
                ["export", "--format", "pskc", "--include-virtual", "--out", bench.path("out")],
                ["forget", "--exported"],
            ] {
                let result = bench.run(command)
                #expect([0, 65, 74].contains(result.status), "\(column), \(end), \(command): \(result.speech)")
            }
        }
    }
}
