import ArgumentParser
import KeyProvision
import SQLiteLedger
import Sealing
import SecretFormats
import Synchronization
import TestSupport
import Testing

@testable import keyprov

/// Whose identity opens what a run seals.
@Suite struct LedgerWriterTests {
    private let bench: LedgerFolder

    init() throws { bench = try LedgerFolder() }

    private func inWorld<Result>(_ body: (GlobalOptions, LedgerStore) throws -> Result) throws -> Result {
        var world = World()
        world.random = bench.stage.random
        return try World.$current.withValue(world) {
            let global = try GlobalOptions.parse([])
            return try body(global, LedgerStore(LedgerOptions.parse(["--ledger", bench.path("ledger.db")]), global))
        }
    }

    private func opens(_ identity: AgeIdentity, _ writer: LedgerWriter) throws -> Bool {
        let dataKey = try #require(try writer.ledger.sealedRun(writer.run.id)?.dataKey)
        do throws(SealError) {
            _ = try RecordOpener(dataKey, opening: .identities([identity]))
            return true
        } catch .noMatchingIdentity {
            return false
        }
    }

    @Test func `A rekey between the look at the recipients and the entry of a run reaches the run`() throws {
        let (old, new) = (
            try AgeIdentity.generate(from: SystemRandom()), try AgeIdentity.generate(from: SystemRandom())
        )
        try inWorld { global, store in
            let ledger = try store.open()
            try ledger.setRecipients([old.recipient.text])
            let keys = LedgerKeys(recipients: [], passphraseFile: nil, global: global)
            var looks = 0
            let writer = try LedgerWriter(ledger, path: store.path, station: "desk") {
                let sealing = try keys.sealing(for: ledger, at: store.path)
                looks += 1
                if looks == 1 { try store.open().rekey(to: [new.recipient.text]) { $0 } }
                return sealing
            }
            #expect(looks == 2)
            #expect(try opens(new, writer) && !opens(old, writer))
            #expect(try ledger.check().findings == [])
        }
    }

    @Test func `Recipients that were named for a run are its own, whatever the ledger has`() throws {
        let (old, own) = (
            try AgeIdentity.generate(from: SystemRandom()), try AgeIdentity.generate(from: SystemRandom())
        )
        try inWorld { global, store in
            try store.open().setRecipients([old.recipient.text])
            let keys = LedgerKeys(recipients: [own.recipient], passphraseFile: nil, global: global)
            let writer = try LedgerWriter(store, keys, station: "desk")
            #expect(try opens(own, writer) && !opens(old, writer))
            #expect(try writer.ledger.recipients() == [old.recipient.text])
        }
    }

    /// Its first bytes are asked for once somebody else was faster.
    private final class OvertakenRandom: RandomSource {
        private let isOvertaken = Mutex(false)
        private let overtake: @Sendable () -> Void

        init(_ overtake: @escaping @Sendable () -> Void) { self.overtake = overtake }

        func fill(_ bytes: inout MutableRawSpan) throws(CryptoError) {
            let isFirst = isOvertaken.withLock { isOvertaken in
                defer { isOvertaken = true }
                return !isOvertaken
            }
            if isFirst { overtake() }
            try SystemRandom().fill(&bytes)
        }
    }

    @Test func `Two first runs at once have one identity`() throws {
        let writers = Mutex<[LedgerWriter]>([])
        let path = bench.path("ledger.db")
        @Sendable func enter() throws {
            let global = try GlobalOptions.parse([])
            let store = try LedgerStore(LedgerOptions.parse(["--ledger", path]), global)
            let keys = LedgerKeys(recipients: [], passphraseFile: nil, global: global)
            let writer = try LedgerWriter(store, keys, station: "desk")
            writers.withLock { $0.append(writer) }
        }
        var world = World()
        world.speech = Recorder()
        world.random = SystemRandom()
        let other = world
        world.random = OvertakenRandom {
            do { try World.$current.withValue(other) { try enter() } } catch { Issue.record(error) }
        }
        try World.$current.withValue(world) { try enter() }
        let text = try Files.read(LedgerKeys.ownIdentityPath(beside: path), limit: 4096)
        let identity = try #require(
            try text.withBytes { (bytes: RawSpan) throws(SealError) in try AgeIdentity.list(parsing: bytes) }.first)
        let all = writers.withLock { $0 }
        #expect(all.count == 2)
        for writer in all { #expect(try opens(identity, writer)) }
    }

    @Test func `A first run that is overtaken while it sets its recipients takes those of the faster one`() throws {
        let (ours, theirs) = (
            try AgeIdentity.generate(from: SystemRandom()), try AgeIdentity.generate(from: SystemRandom())
        )
        try inWorld { global, store in
            let ledger = try store.open()
            let keys = LedgerKeys(recipients: [], passphraseFile: nil, global: global)
            var looks = 0
            let writer = try LedgerWriter(ledger, path: store.path, station: "desk") {
                looks += 1
                if looks == 1 {
                    try store.open().setRecipients([theirs.recipient.text])
                    try LedgerUseFailure.at(store.path) { () throws(LedgerError) in
                        try ledger.setRecipients([ours.recipient.text])
                    }
                }
                return try keys.sealing(for: ledger, at: store.path)
            }
            #expect(looks == 2)
            #expect(try opens(theirs, writer) && !opens(ours, writer))
        }
    }
}
