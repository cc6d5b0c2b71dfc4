import MockDevices
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// Whole jobs of the program over USB/IP: they go as they go in process, transfer for transfer.
@Suite struct USBIPSessionTests {
    private func open(_ family: any DeviceFamily, _ bench: USBIPBench) throws -> any ProvisioningSession {
        let description = bench.key.description(at: USBLocation(bus: 1, ports: [1]), address: 2)
        return try family.openSession(on: try RemoteDevice(bench), description, options: SessionOptions())
    }

    private func enroll(
        _ credential: Credential, _ options: WriteOptions = WriteOptions(), on session: any ProvisioningSession
    ) throws(DeviceError) -> Verification {
        var enrollment = Enrollment(credential, options: options, replaces: true)
        return try enrollment.run(on: session)
    }

    @Test(arguments: Bench.Subject.all)
    func `an enrollment takes the transfers that it takes in process`(subject: Bench.Subject) throws {
        let credential = try Samples.totp("remote")
        let local = try Bench(subject)
        #expect(try local.enroll(credential, replaces: true) == subject.proof(of: credential.kind))

        let remote = try USBIPBench([subject.model.name])
        let session = try open(subject.family, remote)
        try subject.habits.begin(session)
        #expect(try enroll(credential, subject.place(0), on: session) == subject.proof(of: credential.kind))
        session.close()
        // Standard requests are the system's own over there, whoever asks for them.
        let housekeeping = local.key.transfers.count { transfer in
            if case .control(let setup) = transfer.target { setup.isHousekeeping } else { false }
        }
        var expected = local.key.transferCounts
        if housekeeping > 0 { expected[0, default: 0] -= housekeeping }
        // What never came is taken back over there before the key has to do with it.
        for case .endpoint(let address) in local.key.transfers.filter({ $0.error == .timeout }).map(\.target) {
            expected[address, default: 0] -= 1
        }
        #expect(remote.key.transferCounts == expected.filter { $0.value > 0 })
        #expect(local.key.transferCounts.values.reduce(0, +) == local.key.transferCount)
    }

    @Test func `a touch takes its time`() throws {
        let subject = try #require(Bench.Subject.all.first)
        let bench = try USBIPBench([subject.model.name])
        bench.key.touch = .after(.seconds(4))
        let session = try open(subject.family, bench)
        defer { session.close() }
        let before = bench.key.clock.now
        var enrollment = Enrollment(try Samples.totp("touched"), options: WriteOptions(touch: true), replaces: true)
        #expect(try enrollment.run(on: session) == .full)
        #expect(bench.key.clock.now - before >= .seconds(4))
        #expect(bench.key.touchCount > 0)
    }

    /// Each transfer of an enrollment goes wrong once. The first run may fail; the key then holds nothing that the next
    /// run cannot put right.
    @Test(arguments: [Fault.stall, .timeout, .short, .unplugBefore, .unplugAfter])
    func `the run after a fault repairs`(fault: Fault) throws {
        let subject = try #require(Bench.Subject.all.first)
        let credential = try Samples.totp("remote")
        let undisturbed = try USBIPBench([subject.model.name])
        let first = try open(subject.family, undisturbed)
        #expect(try enroll(credential, on: first) == .full)
        first.close()
        let transfers = undisturbed.key.transferCount
        #expect(transfers >= 10)

        for number in 1...transfers {
            let bench = try USBIPBench([subject.model.name])
            bench.key.port.plan(fault, atTransfer: number)
            let interrupted = try? open(subject.family, bench)
            if let interrupted { _ = try? enroll(credential, on: interrupted) }
            interrupted?.close()
            bench.key.faults = .none
            bench.key.plug()
            bench.server.serve()

            let again = try open(subject.family, bench)
            #expect(try enroll(credential, on: again) == .full, "\(fault), transfer \(number)")
            #expect(try again.list().count == 1, "\(fault), transfer \(number)")
            again.close()
        }
    }
}
