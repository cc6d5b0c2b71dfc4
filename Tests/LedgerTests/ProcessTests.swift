import Foundation
import KeyProvision
import SQLiteLedger
import TestSupport
import Testing

/// Several processes on one file, and what is left of one that was killed.
@Suite(.serialized, .enabled(if: StationProcess.isBuilt, "LedgerStation stands not beside the tests"))
struct ProcessTests {
    private static let dataKey = Array("a sealed data key".utf8)

    private func prepared(entries: Int) throws -> LedgerFolder {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "admins", terms: "")
        var rest = (0..<entries).makeIterator()
        _ = try ledger.plan(batch) { rest.next().map { RosterEntry(account: "a\($0)") } }
        try ledger.close()
        return folder
    }

    @Test(arguments: [2, 10])
    func `Stations on one file never take the same entry or the same key`(stations: Int) throws {
        let entries = 120
        let folder = try prepared(entries: entries)
        let running = try (0..<stations).map { number in
            try StationProcess.start(
                folder.ledger, ["work", "station \(number)", "\(entries + 20)", "\(number * 3)"])
        }
        var finished: [(station: Int, entry: String, serial: String)] = []
        for (number, (process, output)) in running.enumerated() {
            let outcome = try StationProcess.end(process, output)
            #expect(outcome.status == 0, "\(outcome.lines)")
            for line in outcome.lines {
                let words = line.split(separator: " ").map(String.init)
                try #require(words.count == 2, "\(line)")
                finished.append((number, words[0], words[1]))
            }
        }
        #expect(finished.count == entries)
        #expect(Set(finished.map(\.entry)).count == entries)
        #expect(Set(finished.map(\.serial)).count == entries)
        // Of two, one may be done before the other has started.
        #expect(stations == 2 || Set(finished.map(\.station)).count > 1, "one station did it all")
        let ledger = try folder.open()
        #expect(try ledger.counts(batch: nil).byState == [.verified: entries])
        #expect(try ledger.check().findings == [])
        let stored = try ledger.entries(EntryQuery(), after: nil, limit: entries).map { entry in
            "\(entry.id) \(entry.attempt?.key.serial ?? "")"
        }
        #expect(Set(stored) == Set(finished.map { "\($0.entry) \($0.serial)" }))
    }

    @Test func `What a killed station had in hand is free for the next one, and not before`() throws {
        let folder = try prepared(entries: 3)
        let (process, output) = try StationProcess.start(folder.ledger, ["hold"])
        let first = output.fileHandleForReading.availableData
        #expect(String(decoding: first, as: UTF8.self).hasPrefix("holding"))
        let ledger = try folder.open()
        let run = try ledger.enter(station: "desk", sealedDataKey: Self.dataKey, sealedTo: nil)
        #expect(try ledger.counts(batch: nil).byState == [.planned: 1, .reserved: 1, .writing: 1])
        let batch = try #require(try ledger.batch(named: "admins"))
        func key(_ serial: String) -> KeyIdentity {
            KeyIdentity(family: "ykoath", model: "yubikey5", serial: serial, firmware: nil, isVirtual: true)
        }
        #expect(try ledger.reserve(for: key("1"), in: batch, run: run) == .keyInWork(station: "held"))
        kill(process.processIdentifier, SIGKILL)
        #expect(try StationProcess.end(process, output).wasKilled)
        // Asking for the key is enough; to enter would be too.
        guard case .reserved(let entry) = try ledger.reserve(for: key("2"), in: batch, run: run) else {
            Issue.record("the key is not free")
            return
        }
        #expect(entry.roster.account == "a1")
        let states = try ledger.entries(EntryQuery(), after: nil, limit: 9).map(\.state)
        #expect(states == [.planned, .reserved, .planned])
        let reasons = try ledger.events(EventQuery(), after: 0, limit: 99).filter { $0.kind == .failed }.map(\.detail)
        #expect(reasons == ["reason=interrupted"])
        #expect(try ledger.check().findings == [])
    }

    @Test func `Stations that are killed again and again lose nothing, and others finish their work`() throws {
        let entries = 150
        let folder = try prepared(entries: entries)
        var generator = SeededGenerator(seed: 11)
        for round in 0..<12 {
            let running = try (0..<2).map { number in
                try StationProcess.start(folder.ledger, ["work", "r\(round)", "500", "\(round * 2 + number)"])
            }
            usleep(.random(in: 20_000...120_000, using: &generator))
            for (process, output) in running {
                kill(process.processIdentifier, SIGKILL)
                _ = try StationProcess.end(process, output)
            }
        }
        let last = try StationProcess.run(folder.ledger, ["work", "last", "500", "1"])
        #expect(last.status == 0, "\(last.lines)")
        let ledger = try folder.open()
        #expect(try ledger.counts(batch: nil).byState == [.verified: entries])
        let serials = try ledger.entries(EntryQuery(), after: nil, limit: entries).compactMap(\.attempt?.key.serial)
        #expect(Set(serials).count == entries)
        #expect(try ledger.check().findings == [])
    }
}
