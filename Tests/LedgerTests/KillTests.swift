import Foundation
import KeyProvision
import SQLiteLedger
import TestSupport
import Testing

/// A process that is killed at a system call, one after the other: whatever the last thing was that reached the disk.
///
/// Of calls that come often one in `KillTests.step`; each with `KEYPROV_EVERY_CALL` set, which takes minutes.
@Suite(
    .serialized, .enabled(if: StationProcess.isBuilt, "LedgerStation stands not beside the tests"),
    .enabled(if: OutsideHelp.canTrace, "strace is not installed, or may not trace"))
struct KillTests {
    /// Those that change a file or a lock.
    private static let calls = [
        "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "mknodat", "openat", "fcntl", "write",
    ]
    private static let step = 17
    private static let isThorough = ProcessInfo.processInfo.environment["KEYPROV_EVERY_CALL"] != nil

    @Test(arguments: calls)
    func `A change is whole or not there, and stands once it was said to`(call: String) throws {
        let whole = try LedgerFolder()
        let log = whole.url.appendingPathComponent("trace").path
        let complete = try StationProcess.run(
            whole.ledger, ["series"], through: ["strace", "-qq", "-o", log, "-e", "trace=\(call)"])
        #expect(complete.lines.last == "done")
        let kinds = try whole.open().events(EventQuery(), after: 0, limit: 1000).map(\.kind)
        // Before the first change, after each, and after the end of the run, which is the last.
        let boundaries = Set(complete.lines.compactMap(Int64.init)).union([0, Int64(kinds.count)])
        let count = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix(call + "(") }.count
        try #require(count > 0)
        let step = Self.isThorough || count < 40 ? 1 : Self.step
        for number in stride(from: 1, through: count, by: step) {
            try kill(at: number, of: call, boundaries, kinds)
        }
    }

    private func kill(
        at number: Int, of call: String, _ boundaries: Set<Int64>, _ kinds: [LedgerEvent.Kind]
    ) throws {
        let folder = try LedgerFolder()
        let outcome = try StationProcess.run(
            folder.ledger, ["series"],
            through: [
                "strace", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
                "inject=\(call):signal=SIGKILL:when=\(number)",
            ])
        #expect(outcome.wasKilled, "\(call) \(number)")
        let said = outcome.lines.compactMap(Int64.init).last ?? 0
        let ledger = try folder.open()
        let check = try ledger.check()
        #expect(check.findings == [], "\(call) \(number)")
        #expect(check.events >= said && boundaries.contains(check.events), "\(call) \(number): \(check.events)")
        let found = try ledger.events(EventQuery(), after: 0, limit: 1000).map(\.kind)
        #expect(found == Array(kinds.prefix(found.count)), "\(call) \(number)")
        // The next one finds nothing in the hands of the dead.
        let run = try ledger.enter(station: "next", sealedDataKey: [1], sealedTo: nil)
        #expect(try ledger.counts(batch: nil).inWork == 0, "\(call) \(number)")
        #expect(try ledger.check().findings == [], "\(call) \(number)")
        withExtendedLifetime(run) {}
    }
}
