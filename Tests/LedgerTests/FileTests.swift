import Foundation
import KeyProvision
import SQLiteLedger
import TestSupport
import Testing

/// The file itself: who may read it, what is no ledger, and what is left of one that was damaged.
struct FileTests {
    /// A closed ledger with some entries, as bytes.
    private func sample(entries: Int = 40) throws -> [UInt8] {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "admins", terms: "")
        var rest = (0..<entries).makeIterator()
        _ = try ledger.plan(batch) { rest.next().map { RosterEntry(account: "account \($0)") } }
        try ledger.close()
        #expect(try folder.files == ["ledger"])
        return Array(try Data(contentsOf: URL(fileURLWithPath: folder.ledger)))
    }

    private func folder(holding bytes: [UInt8]) throws -> LedgerFolder {
        let folder = try LedgerFolder()
        try Data(bytes).write(to: URL(fileURLWithPath: folder.ledger))
        return folder
    }

    @Test(
        .enabled(if: StationProcess.isBuilt, "LedgerStation stands not beside the tests"),
        arguments: ["000", "022", "077"])
    func `Every file of a ledger is for its owner alone, whatever the mask`(mask: String) throws {
        let folder = try LedgerFolder()
        let masked = ["sh", "-c", "umask \(mask); exec \"$@\"", "sh"]
        #expect(try StationProcess.run(folder.ledger, ["plan", "5"], through: masked).status == 0)
        let (process, output) = try StationProcess.start(folder.ledger, ["hold"], through: masked)
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        // It waits without an end, and may have the mask of a thread that takes no other signal.
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        #expect(try folder.files == ["ledger", "ledger-runs", "ledger-shm", "ledger-wal"])
        for file in try folder.files {
            let path = folder.url.appendingPathComponent(file).path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file)")
        }
    }

    @Test func `A folder that there is not, and a folder in the place of the file, are told`() throws {
        let folder = try LedgerFolder()
        #expect(throws: LedgerError.storage(.noFolder)) {
            try SQLiteLedger(path: folder.url.path + "/none/ledger") { 0 }
        }
        #expect(throws: LedgerError.notALedger) { try SQLiteLedger(path: folder.url.path) { 0 } }
        #expect(throws: LedgerError.storage(.noFolder)) { try SQLiteLedger(readingPath: folder.ledger) }
        #expect(try folder.files == [])
    }

    @Test func `A name that SQLite would take for an address is a name`() throws {
        let folder = try LedgerFolder()
        for name in ["file:memory?mode=memory", "a?b#c%41", ":memory:", "-wal"] {
            let path = folder.url.appendingPathComponent(name).path
            let ledger = try SQLiteLedger(path: path) { 0 }
            _ = try ledger.begin(batch: name, terms: "")
            #expect(FileManager.default.fileExists(atPath: path))
            #expect(try SQLiteLedger(readingPath: path).batches().map(\.name) == [name])
        }
    }

    @Test func `A link to a ledger leads to the runs of the ledger`() throws {
        let folder = try LedgerFolder()
        let link = folder.url.appendingPathComponent("link").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "ledger")
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "admins", terms: "")
        var roster = [RosterEntry(account: "anna"), RosterEntry(account: "ben")][...]
        _ = try ledger.plan(batch) { roster.popFirst() }
        let run = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
        _ = try ledger.reserve(for: LedgerBench.key(serial: "1"), in: batch, run: run)
        let linked = try SQLiteLedger(path: link) { LedgerBench.start }
        let other = try linked.enter(station: "other", sealedDataKey: [2], sealedTo: nil)
        _ = try linked.reserve(for: LedgerBench.key(serial: "2"), in: batch, run: other)
        #expect(try ledger.counts(batch: nil).byState == [.reserved: 2])
        #expect(try folder.files == ["ledger", "ledger-runs", "ledger-shm", "ledger-wal", "link"])
        withExtendedLifetime(run) {}
    }

    @Test func `A ledger of a newer version is left alone`() throws {
        let folder = try LedgerFolder()
        try folder.open().close()
        try folder.sqlite3("PRAGMA user_version = 7")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.ledger))
        #expect(throws: LedgerError.newerVersion(found: 7, known: 3)) { try folder.open() }
        #expect(throws: LedgerError.newerVersion(found: 7, known: 3)) { try SQLiteLedger(readingPath: folder.ledger) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.ledger)) == before)
    }

    @Test func `What is no ledger is refused and left as it is`() throws {
        let other = try LedgerFolder()
        try other.sqlite3("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        let database = Array(try Data(contentsOf: URL(fileURLWithPath: other.ledger)))
        for bytes in [
            Array("account,owner\nanna,Anna\n".utf8), [0], [UInt8](repeating: 0x20, count: 100_000), database,
            Array("age-encryption.org/v1\n".utf8), Array("SQLite format 3".utf8),
        ] {
            let folder = try folder(holding: bytes)
            #expect(throws: LedgerError.notALedger) { try folder.open() }
            #expect(throws: LedgerError.notALedger) { try SQLiteLedger(readingPath: folder.ledger) }
            #expect(Array(try Data(contentsOf: URL(fileURLWithPath: folder.ledger))) == bytes)
            #expect(try folder.files == ["ledger"])
        }
    }

    @Test func `An empty file is a new ledger, unless runs have entered it`() throws {
        let folder = try folder(holding: [])
        let ledger = try folder.open()
        _ = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
        try ledger.close()
        try Data().write(to: URL(fileURLWithPath: folder.ledger))
        #expect(throws: LedgerError.damaged("the file is empty")) { try folder.open() }
    }

    /// Opens, reads all and checks; the outcome is an error of ours, a finding, or what was there.
    private func outcome(of bytes: [UInt8]) throws -> Bool {
        let folder = try folder(holding: bytes)
        do throws(LedgerError) {
            let ledger = try folder.open()
            let isClean = try ledger.check().findings.isEmpty
            _ = try ledger.entries(EntryQuery(), after: nil, limit: 1000)
            _ = try ledger.events(EventQuery(), after: 0, limit: 1000)
            _ = try ledger.counts(batch: nil)
            _ = try ledger.batches()
            return isClean
        } catch {
            switch error {
            case .damaged, .notALedger, .newerVersion: return false
            default:
                Issue.record("\(error)")
                return false
            }
        }
    }

    @Test func `A file that was cut off is refused or found damaged at every length`() throws {
        let bytes = try sample()
        let lengths = Array(1..<200) + Array(stride(from: 200, to: bytes.count, by: 509)) + [bytes.count - 1]
        for length in lengths {
            #expect(try !outcome(of: Array(bytes.prefix(length))), "\(length)")
        }
        #expect(try outcome(of: bytes))
    }

    @Test func `A page of noise or zeros is found wherever it is`() throws {
        let bytes = try sample()
        let page = 4096
        var generator = SeededGenerator(seed: 5)
        for start in stride(from: page, to: bytes.count, by: page) {
            for isNoise in [true, false] {
                var damaged = bytes
                for index in start..<start + page {
                    damaged[index] = isNoise ? .random(in: 0...255, using: &generator) : 0
                }
                #expect(try !outcome(of: damaged), "page \(start / page)")
            }
        }
    }

    @Test func `No small change of the bytes is more than an error`() throws {
        let bytes = try sample()
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<300 {
            var damaged = bytes
            for _ in 0..<3 {
                damaged[.random(in: 0..<damaged.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try outcome(of: damaged)
        }
    }

    @Test func `After forgetting and compacting no file of the ledger has the sealed bytes`() throws {
        let bench = try LedgerBench(try #require(LedgerMaker.all.first))
        try bench.plan(accounts: "anna", "ben")
        let (kept, gone) = (LedgerBench.secret("kept"), LedgerBench.secret("gone"))
        try bench.bring(to: .verified, secret: kept)
        try bench.bring(to: .failed, secret: gone)
        let id = try bench.bring(to: .verified, secret: gone)
        #expect(try bench.files(with: gone) != [])
        // Others may have it open.
        let other = try bench.another()
        #expect(try other.counts(batch: nil).total == 2)
        try bench.ledger.forget([id])
        try bench.ledger.compact()
        #expect(try other.counts(batch: nil).byState == [.verified: 1, .forgotten: 1])
        #expect(try bench.files(with: gone) == [])
        #expect(try bench.files(with: kept) == ["ledger"])
        // And the data key with the last of its secrets.
        bench.endRun()
        #expect(try bench.files(with: LedgerBench.dataKey) != [])
        try bench.ledger.forget([id - 1])
        try bench.ledger.compact()
        #expect(try bench.files(with: LedgerBench.dataKey) == [])
        #expect(try bench.files(with: kept) == [])
        try bench.checkIsClean()
    }

    @Test func `A ledger that is closed answers with an error`() throws {
        let folder = try LedgerFolder()
        let ledger = try folder.open()
        let run = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
        try ledger.close()
        try ledger.close()
        #expect(throws: LedgerError.self) { try ledger.counts(batch: nil) }
        #expect(throws: LedgerError.self) { try ledger.begin(batch: "b", terms: "") }
        withExtendedLifetime(run) {}
    }
}
