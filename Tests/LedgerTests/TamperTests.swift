import Foundation
import KeyProvision
import SecretFormats
import SQLiteLedger
import TestSupport
import Testing

/// What another program changed in the file is found, and said where.
@Suite(.enabled(if: OutsideProgram.isInstalled("sqlite3"), "sqlite3 is not installed"))
struct TamperTests {
    let folder: LedgerFolder
    private let count: Int64

    /// Three entries: verified (1), forgotten after a failure (2), planned (3).
    init() throws {
        folder = try LedgerFolder()
        let ledger = try folder.open()
        let batch = try ledger.begin(batch: "admins", terms: "")
        var roster = ["anna", "ben", "cleo"][...]
        _ = try ledger.plan(batch) { roster.popFirst().map { RosterEntry(account: $0, owner: "Owner") } }
        let run = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
        for serial in ["1", "2", "2"] {
            let key = LedgerBench.key(serial: serial)
            guard case .reserved(let entry) = try ledger.reserve(for: key, in: batch, run: run) else { continue }
            let terms = CredentialTerms(
                label: try Label(account: entry.roster.account), kind: .totp(period: 30), algorithm: .sha1, digits: 6)
            try ledger.startWriting(
                entry.id,
                Attempt(
                    id: try Attempt.ID(from: SystemRandom()), run: run.id, key: key, slot: nil, terms: terms,
                    sealedSecret: LedgerBench.secret(serial)))
            if serial == "2", entry.attempt == nil {
                try ledger.fail(entry.id, reason: "removed")
            } else {
                try ledger.finish(entry.id, .full)
            }
        }
        try ledger.forget([2])
        let check = try ledger.check()
        #expect(check.findings == [])
        count = check.events
        try ledger.close()
    }

    func findings(after sql: String) throws -> [LedgerCheck.Finding] {
        try folder.sqlite3(sql)
        return try folder.open().check().findings
    }

    @Test(arguments: [
        "UPDATE events SET detail = replace(detail, 'anna', 'anne') WHERE number = 2",
        "UPDATE events SET time = time + 1 WHERE number = 2", "UPDATE events SET kind = 'planned2' WHERE number = 2",
        "UPDATE events SET batch = NULL WHERE number = 2", "UPDATE events SET run = 1 WHERE number = 2",
        "UPDATE events SET hash = zeroblob(32) WHERE number = 2",
    ])
    func `An edited event breaks the chain`(sql: String) throws {
        let findings = try findings(after: sql)
        #expect(findings.first == .brokenChain(event: 2))
    }

    @Test func `An event that was written anew with its hash breaks the chain at the next`() throws {
        let ledger = try folder.open()
        let events = try ledger.events(EventQuery(), after: 0, limit: 100)
        let old = events[1]
        let forged = LedgerEvent(
            number: old.number, unixTime: old.unixTime + 60, kind: old.kind, run: old.run, batch: old.batch,
            entry: old.entry, detail: old.detail, hash: [])
        let hash = try EventChain.hash(forged, after: events[0].hash)
        try ledger.close()
        let found = try findings(
            after: "UPDATE events SET time = \(forged.unixTime), hash = x'\(hex(hash))' WHERE number = 2")
        #expect(found == [.brokenChain(event: 3)])
    }

    @Test func `A batch with another name or other terms is named`() throws {
        #expect(try findings(after: "UPDATE batches SET name = 'users'") == [.batchDiffers(batch: 1)])
        #expect(try findings(after: "UPDATE batches SET name = 'admins'") == [])
        #expect(try findings(after: "UPDATE batches SET terms = 'digits=8'") == [.batchDiffers(batch: 1)])
        #expect(try findings(after: "UPDATE batches SET terms = ''") == [])
        #expect(
            try findings(after: "INSERT INTO batches (name, terms) VALUES ('new', '')") == [.batchDiffers(batch: 2)])
    }

    @Test func `A missing event is a gap, and a missing end is one too`() throws {
        let gap = try findings(after: "DELETE FROM events WHERE number IN (6, 7)")
        #expect(gap.first == .missingEvents(6...7))
        let end = try findings(after: "DELETE FROM events WHERE number > \(count - 2)")
        #expect(end.contains(.missingEvents(count - 1...count)))
    }

    @Test func `Events that were put on break the chain at the end`() throws {
        let findings = try findings(
            after: "INSERT INTO events VALUES (\(count + 1), 0, 'planned', NULL, NULL, NULL, '', zeroblob(32))")
        #expect(findings.contains(.brokenChain(event: count + 1)))
    }

    @Test(arguments: [
        ("UPDATE entries SET state = 'planned' WHERE id = 1", 1),
        ("UPDATE entries SET state = 'exported' WHERE id = 1", 1),
        ("UPDATE entries SET account = 'mallory' WHERE id = 3", 3), ("UPDATE entries SET owner = NULL WHERE id = 3", 3),
        ("UPDATE entries SET serial = '9' WHERE id = 1", 1), ("DELETE FROM entries WHERE id = 3", 3),
        ("UPDATE attempts SET verification = 'echo' WHERE entry = 1", 1),
        ("UPDATE attempts SET verification = NULL WHERE entry = 1", 1),
        ("UPDATE entries SET attempt = 2 WHERE id = 1", 1), ("UPDATE entries SET attempt = NULL WHERE id = 1", 1),
        ("UPDATE entries SET attempt = 1 WHERE id = 3", 3), ("UPDATE entries SET attempt = 77 WHERE id = 3", 3),
        ("UPDATE entries SET key_serial = '666' WHERE id = 1", 1),
        ("UPDATE entries SET key_model = NULL WHERE id = 2", 2),
        ("UPDATE entries SET work_model = 'yubikey5', work_serial = '9' WHERE id = 3", 3),
        ("UPDATE entries SET before = 'failed' WHERE id = 3", 3), ("UPDATE entries SET run = NULL WHERE id = 1", 1),
        ("UPDATE attempts SET unused = 1 WHERE entry = 1", 1), ("UPDATE attempts SET unused = 0 WHERE number = 2", 2),
    ])
    func `An edited entry is named`(sql: String, entry: Int64) throws {
        #expect(try findings(after: sql).contains(.stateDiffers(entry: entry)))
    }

    @Test(arguments: [
        ("UPDATE attempts SET sealed = x'00' WHERE entry = 1", 1),
        ("UPDATE attempts SET sealed = NULL WHERE entry = 1", 1),
        ("UPDATE attempts SET sealed = x'00' WHERE entry = 2", 2),
        ("UPDATE attempts SET serial = '77' WHERE entry = 1", 1),
        ("UPDATE attempts SET digits = 8 WHERE entry = 1", 1), ("UPDATE attempts SET account = 'x' WHERE entry = 2", 2),
        ("UPDATE attempts SET id = randomblob(16) WHERE entry = 1", 1),
        ("DELETE FROM attempts WHERE entry = 1", 1), ("DELETE FROM attempts WHERE number = 2", 2),
        ("UPDATE attempts SET entry = 3 WHERE entry = 1", 1),
    ])
    func `An edited, missing or moved secret is named`(sql: String, entry: Int64) throws {
        #expect(try findings(after: sql).contains(.secretDiffers(entry: entry)))
    }

    @Test func `Edited counts and a missing head are damage`() throws {
        let counts = try findings(after: "UPDATE counts SET entries = entries + 1 WHERE state = 'planned'")
        #expect(counts == [.damage("the counts of batch 1 are not those of its entries")])
        let head = try findings(after: "DELETE FROM head")
        #expect(head.contains(.damage("the head of the chain is missing")))
        #expect(throws: LedgerError.damaged("the head of the chain is missing")) {
            try folder.open().begin(batch: "other", terms: "")
        }
    }

    @Test func `Values that no program of ours writes are damage and no trap`() throws {
        for sql in [
            "UPDATE entries SET state = 'lost' WHERE id = 1", "UPDATE attempts SET kind = 'yotp'",
            "UPDATE attempts SET algorithm = 'MD5'", "UPDATE attempts SET factor = -1, kind = 'hotp'",
            "UPDATE attempts SET account = ''", "UPDATE attempts SET account = 'a' || char(10)",
        ] {
            try folder.sqlite3(sql)
            let ledger = try folder.open()
            #expect(throws: LedgerError.self, "\(sql)") { try ledger.entries(EntryQuery(), after: nil, limit: 9) }
            #expect(try !ledger.check().findings.isEmpty, "\(sql)")
        }
    }

    @Test(arguments: [
        "UPDATE head SET number = 9223372036854775807", "UPDATE head SET number = -9223372036854775808",
        "UPDATE events SET number = 9223372036854775807 WHERE number = 3",
        "UPDATE events SET number = -9223372036854775808 WHERE number = 3", "UPDATE events SET time = -1",
        "UPDATE counts SET entries = 9223372036854775807", "UPDATE runs SET id = -1, ended = NULL",
        "UPDATE entries SET id = -id", "UPDATE entries SET copy = 9223372036854775807, state = 'planned'",
        "UPDATE runs SET ended = NULL, secrets = 0", "UPDATE attempts SET digits = 9223372036854775807",
    ])
    func `Numbers at their ends are findings and no trap`(sql: String) throws {
        try folder.sqlite3(sql)
        let ledger = try folder.open()
        #expect(try !ledger.check().findings.isEmpty || sql.contains("runs"))
        // Whatever comes of it.
        func tried(_ body: () throws -> Void) { do { try body() } catch { #expect(error is LedgerError) } }
        tried { _ = try ledger.counts(batch: nil).total }
        tried { _ = try ledger.entries(EntryQuery(batch: 1), after: nil, limit: 9) }
        tried { _ = try ledger.events(EventQuery(since: 1), after: 0, limit: 9) }
        tried {
            let run = try ledger.enter(station: "desk", sealedDataKey: [1], sealedTo: nil)
            let batch = try #require(try ledger.batch(named: "admins"))
            let key = LedgerBench.key(serial: "9")
            _ = try ledger.reserve(for: key, in: batch, run: run)
            let terms = CredentialTerms(
                label: try Label(account: "cleo"), kind: .totp(period: 30), algorithm: .sha1, digits: 6)
            _ = try ledger.start(
                RosterEntry(account: "cleo"), in: batch,
                with: Attempt(
                    id: try Attempt.ID(from: SystemRandom()), run: run.id, key: LedgerBench.key(serial: "10"),
                    slot: nil,
                    terms: terms, sealedSecret: [1]))
        }
        tried { try ledger.undo(1) }
    }

    @Test func `The commands of Docs/ledger.md read a ledger without our help`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Docs/ledger.md")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let commands = lines.filter { $0.hasPrefix("sqlite3 -readonly LEDGER ") }.map { $0.split(separator: "\"")[1] }
        #expect(commands.count == 4)
        let answers = try commands.map { try folder.sqlite3(String($0)) }
        #expect(
            answers[0] == """
                anna|1|verified|yubikey5|1
                ben|1|forgotten|yubikey5|2
                cleo|1|planned||

                """)
        #expect(answers[1] == "forgotten|1\nplanned|1\nverified|1\n")
        #expect(answers[3] == "ok\n")
    }

    @Test func `The chain holds by another's computation, from what Docs/ledger.md says`() throws {
        let python = try #require(OutsideProgram("python3"))
        let heads = String(decoding: try python.run(["-c", Self.chain, folder.ledger]), as: UTF8.self)
        let check = try folder.open().check()
        #expect(heads == "\(check.events) \(hex(check.head))\n")
    }

    private static let chain = """
        import hashlib, sqlite3, struct, sys
        head = bytes(32)
        columns = "number, time, ifnull(run, 0), ifnull(batch, 0), ifnull(entry, 0), kind, detail, hash"
        for *numbers, kind, detail, expected in sqlite3.connect(sys.argv[1]).execute(
                f"SELECT {columns} FROM events ORDER BY number"):
            image = head + struct.pack(">5q", *numbers)
            for text in (kind.encode(), detail.encode()):
                image += struct.pack(">I", len(text)) + text
            head = hashlib.sha256(image).digest()
            assert head == expected, numbers
        print(numbers[0], head.hex())
        """
}
