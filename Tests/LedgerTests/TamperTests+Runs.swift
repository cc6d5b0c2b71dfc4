import KeyProvision
import SQLiteLedger
import TestSupport
import Testing

/// Runs, data keys and recipients that another program changed.
extension TamperTests {
    @Test(arguments: ["UPDATE runs SET data_key = x'02'", "UPDATE runs SET data_key = NULL"])
    func `A sealed data key that was edited or taken away is named`(sql: String) throws {
        #expect(try findings(after: sql) == [.dataKeyDiffers(run: 1)])
    }

    @Test func `Data keys that were swapped, and one from before a rekey, are named`() throws {
        let ledger = try folder.open()
        let second = try ledger.enter(station: "desk", sealedDataKey: [2], sealedTo: nil)
        let before = try #require(try ledger.sealedRun(1)?.dataKey)
        try ledger.rekey(to: ["age1b"]) { $0 + [9] }
        #expect(try ledger.check().findings == [])
        let (first, other) = (hex(before + [9]), hex([2, 9] as [UInt8]))
        let swap = "UPDATE runs SET data_key = CASE id WHEN 1 THEN x'\(other)' ELSE x'\(first)' END"
        #expect(try findings(after: swap) == [.dataKeyDiffers(run: 1), .dataKeyDiffers(run: 2)])
        let back = "UPDATE runs SET data_key = CASE id WHEN 1 THEN x'\(first)' ELSE x'\(other)' END"
        #expect(try findings(after: back) == [])
        #expect(
            try findings(after: "UPDATE runs SET data_key = x'\(hex(before))' WHERE id = 1") == [
                .dataKeyDiffers(run: 1)
            ])
        withExtendedLifetime(second) {}
    }

    @Test func `A data key that was put back after its secrets were forgotten is named`() throws {
        let ledger = try folder.open()
        try ledger.forget([1])
        _ = try ledger.enter(station: "next", sealedDataKey: [2], sealedTo: nil)
        #expect(try ledger.sealedRun(1)?.dataKey == nil)
        #expect(try ledger.check().findings == [])
        #expect(try findings(after: "UPDATE runs SET data_key = x'01' WHERE id = 1") == [.dataKeyDiffers(run: 1)])
    }

    @Test func `An edited station, count of secrets or recipient is named`() throws {
        #expect(try findings(after: "UPDATE runs SET station = 'other'") == [.runDiffers(run: 1)])
        let count = try findings(after: "UPDATE runs SET station = 'desk', secrets = secrets + 1")
        #expect(count == [.damage("the count of secrets of run 1 is not that of its attempts")])
        let sets = "UPDATE runs SET secrets = secrets - 1; INSERT INTO recipients (recipient) VALUES ('age1mallory')"
        #expect(try findings(after: sets) == [.recipientsDiffer])
        try folder.sqlite3("DELETE FROM recipients")
        try folder.open().setRecipients(["age1a", "age1b"])
        #expect(try folder.open().check().findings == [])
        for sql in ["UPDATE recipients SET position = 4 - position", "DELETE FROM recipients WHERE position = 2"] {
            #expect(try findings(after: sql) == [.recipientsDiffer], "\(sql)")
        }
    }

    @Test func `A run of a program that recorded no digest is no finding`() throws {
        let events = try folder.open().events(EventQuery(), after: 0, limit: 100)
        // The chain as such a program wrote it.
        var (statements, head) = ([String](), EventChain.start)
        for event in events {
            let detail = event.kind == .entered ? "station=desk" : event.detail
            let old = LedgerEvent(
                number: event.number, unixTime: event.unixTime, kind: event.kind, run: event.run, batch: event.batch,
                entry: event.entry, detail: detail, hash: [])
            head = try EventChain.hash(old, after: head)
            statements.append(
                "UPDATE events SET hash = x'\(hex(head))', detail = '\(detail)' WHERE number = \(event.number)")
        }
        statements.append("UPDATE head SET hash = x'\(hex(head))'")
        #expect(try findings(after: statements.joined(separator: ";")) == [])
    }
}
