import ArgumentParser
import ByteBuffers
import Foundation
import KeyProvision
import MockDevices
import SQLiteLedger
import Sealing
import SecretFormats
import Synchronization
import TestSupport
import Testing
import USBTransport

@testable import keyprov

/// A ledger on disk, a roster and a box of keys, on which one process after another works until the batch is done.
final class Workshop {
    let folder: URL
    let keys: [VirtualKey]
    let entries: Int
    let identity: AgeIdentity
    private let random: RecordedRandom
    private var processes = 0

    init(entries: Int, models: [VirtualModel], spares: Int, seed: UInt64 = 1) throws {
        // In memory where that is possible: what is tried here are kills of processes, not of machines.
        let memory = URL(fileURLWithPath: "/dev/shm")
        let isThere = FileManager.default.isWritableFile(atPath: memory.path)
        folder = (isThere ? memory : FileManager.default.temporaryDirectory)
            .appendingPathComponent("keyprov-line-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.entries = entries
        keys = (0..<entries + spares).map { index in
            VirtualKey(
                model: models[index % models.count], serial: UInt32(index + 1),
                random: SeededGenerator(seed: UInt64(index + 1)))
        }
        identity = try AgeIdentity.generate(from: SystemRandom())
        random = RecordedRandom()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var ledgerPath: String { folder.appendingPathComponent("ledger.db").path }
    var secrets: [[UInt8]] { random.secrets }

    func openLedger() throws -> SQLiteLedger { try SQLiteLedger(path: ledgerPath, clock: { 1_795_299_200 }) }

    /// What becomes of one process.
    enum End: Equatable {
        case done
        case killed
    }

    /// One process on the batch.
    ///
    /// - Parameters:
    ///   - step: at which it is killed; nil lets it live.
    ///   - writeTime: that each key takes for a write.
    func process(
        dyingAt step: Int? = nil, jobs: Int = 1, mischief: Desk.Mischief = .none, seed: UInt64 = 1,
        writeTime: Duration = .zero
    ) throws -> End {
        processes += 1
        let life = Mortality(dyingAt: step)
        let desk = Desk(keys, ports: jobs, mischief: mischief, life: life, seed: seed, writeTime: writeTime)
        var world = World()
        world.bus = { () throws(USBError) in desk }
        world.random = random
        world.now = { 1_795_299_200 }
        world.isInterrupted = { life.isDead }
        world.output = Recorder()
        world.speech = Recorder()
        world.terminal = ScriptedTerminal()
        return try World.$current.withValue(world) {
            do {
                try work(life, desk, jobs: jobs)
                return .done
            } catch {
                guard life.isDead else { throw error }
                return .killed
            }
        }
    }

    private func work(_ life: Mortality, _ desk: Desk, jobs: Int) throws {
        let ledger = MortalLedger(try openLedger(), life)
        let writer = try LedgerWriter(ledger, path: ledgerPath, station: "desk \(processes)") {
            LedgerSealing(key: .recipients([identity.recipient]), ledgerRecipients: nil)
        }
        let (batch, _) = try writer.batch(named: "admins", terms: "")
        var number = 0
        _ = try ledger.plan(batch) { () throws(LedgerError) in
            number += 1
            return number > entries ? nil : RosterEntry(account: "admin\(number)@example.com")
        }
        let arguments = try BatchRun.parse(["roster.csv", "--issuer", "Example"])
        let line = try AssemblyLine(
            LineJobRun(
                writer: writer, batch: batch,
                work: LineWork(
                    issuer: "Example", credential: arguments.credentialOptions, writing: WriteOptions(), paper: nil),
                replaces: false, global: arguments.global, device: arguments.deviceOptions, family: nil,
                isVirtual: true,
                audience: LineAudiences(all: [])),
            on: World.current.openBus(), box: nil, jobs: jobs, watches: true)
        let counts = try line.run()
        #expect(counts.done == entries)
    }

    // MARK: What must hold at the end

    /// Every entry has one key that computes with the secret that the ledger has, and no key or secret has two.
    ///
    /// - Returns: the secrets by account.
    @discardableResult
    func checkResult() throws -> [String: Secret] {
        let ledger = try openLedger()
        let check = try ledger.check()
        #expect(check.findings == [])
        let found = try ledger.entries(EntryQuery(withSecrets: true), after: nil, limit: entries + 1)
        #expect(found.count == entries)
        var (openers, secrets): ([Int64: RecordOpener], [String: Secret]) = ([:], [:])
        var serials: Set<String> = []
        let keys = try keysBySerial()
        for entry in found {
            #expect(entry.state == .verified, "\(entry.roster.account)")
            let attempt = try #require(entry.attempt)
            #expect(attempt.verification == .full || attempt.verification == .codes)
            let serial = try #require(attempt.key.serial)
            #expect(serials.insert(serial).inserted, "\(serial) is there twice")
            if openers[attempt.run] == nil {
                let sealed = try #require(try ledger.sealedRun(attempt.run)?.dataKey)
                openers[attempt.run] = try RecordOpener(sealed, opening: .identities([identity]))
            }
            let opener = try #require(openers[attempt.run])
            let secret = try opener.open(try #require(attempt.sealedSecret), row: attempt.id.bytes)
            #expect(!secrets.values.contains(secret), "a secret is there twice")
            secrets[entry.roster.account] = secret
            try checkKey(try #require(keys[serial]), attempt, secret)
        }
        return secrets
    }

    /// The key computes what the host computes from the secret of the ledger, and holds nothing else.
    private func checkKey(_ key: VirtualKey, _ attempt: Attempt, _ secret: Secret) throws {
        try withSession(key) { session in
            let stored = try session.list()
            #expect(stored.map(\.account) == [attempt.terms.label.account])
            let time: UInt64 = 1_795_300_000
            let credential = try attempt.terms.credential(with: secret)
            let code = try OneTimePassword.code(for: credential, at: time)
            #expect(try session.code(for: try #require(stored.first), at: time).value == .code(code))
        }
    }

    /// The keys by the serial number that they tell.
    private func keysBySerial() throws -> [String: VirtualKey] {
        var bySerial: [String: VirtualKey] = [:]
        for key in keys {
            let serial = try withSession(key) { $0.device.serial }
            bySerial[try #require(serial)] = key
        }
        return bySerial
    }

    private func withSession<Result>(
        _ key: VirtualKey, _ body: (any ProvisioningSession) throws -> Result
    ) throws -> Result {
        key.faults = .none
        let host = VirtualHost([key])
        host.plug(key)
        let description = try #require(try host.devices().first)
        let (family, _) = try #require(Catalog.recognize(description))
        let session = try family.openSession(on: host.open(description), description, options: SessionOptions())
        defer { session.close() }
        return try body(session)
    }

    /// No secret that was ever drawn is in a file of the ledger.
    func checkFiles() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let contents = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            let windows = Set(contents.windowStarts)
            for secret in secrets where secret.count == 20 {
                let isThere = windows.contains(secret.firstWord) && contents.contains(secret)
                #expect(!isThere, "\(name) holds a secret")
            }
        }
    }
}

extension [UInt8] {
    /// Eight bytes at each place, to find out fast what is not there.
    fileprivate var windowStarts: [UInt64] {
        guard count >= 8 else { return [] }
        var word = prefix(7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return dropFirst(7).map { byte in
            word = word << 8 | UInt64(byte)
            return word
        }
    }

    fileprivate var firstWord: UInt64 { prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    fileprivate func contains(_ bytes: [UInt8]) -> Bool { Data(self).range(of: Data(bytes)) != nil }
}
