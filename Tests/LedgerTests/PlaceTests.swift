import Foundation
import KeyProvision
import SQLiteLedger
import TestSupport
import Testing

/// Disks that are full and folders that cannot be written to, as file systems of the test's own.
@Suite(
    .enabled(if: StationProcess.isBuilt, "LedgerStation stands not beside the tests"),
    .enabled(if: OutsideHelp.canMount, "no file system of its own can be had here (unshare --mount)"))
struct PlaceTests {
    /// Runs a station after some lines of shell; `$0` is the folder.
    private func station(_ folder: LedgerFolder, after shell: String, _ command: String) throws -> [String] {
        try StationProcess.run(
            folder.ledger, [command],
            through: OutsideHelp.namespace + ["sh", "-c", shell + " && exec \"$@\"", folder.url.path]
        ).lines
    }

    @Test(arguments: [200, 300, 500, 1000])
    func `On a full disk a change is refused, and what stood before stands`(kilobytes: Int) throws {
        let lines = try station(try LedgerFolder(), after: "mount -t tmpfs -o size=\(kilobytes)k none \"$0\"", "fill")
        let first = try #require(lines.first)
        #expect(first.hasPrefix("storage(") && first.contains("full"), "\(lines)")
        if lines.count == 2, let planned = first.split(separator: " ").last {
            #expect(lines[1] == "findings [], entries \(planned)")
        }
    }

    @Test func `A read-only folder can be read and not written to`() throws {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "admins", terms: "")
        var roster = ["anna", "ben"][...]
        _ = try ledger.plan(batch) { roster.popFirst().map { RosterEntry(account: $0) } }
        try ledger.close()
        let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\""
        #expect(
            try station(folder, after: mount, "read") == [
                "entries 2, events 3, findings []", "storage(KeyProvision.LedgerError.StorageFault.readOnly)",
                "storage(KeyProvision.LedgerError.StorageFault.readOnly)",
            ])
    }

    @Test func `A ledger that another process has open is read in a read-only folder with all that it wrote`() throws {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "admins", terms: "")
        var roster = ["anna", "ben", "cleo"][...]
        _ = try ledger.plan(batch) { roster.popFirst().map { RosterEntry(account: $0) } }
        #expect(try folder.files.contains("ledger-wal"))
        let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\""
        #expect(try station(folder, after: mount, "read").first == "entries 3, events 4, findings []")
        try ledger.close()
    }
}
