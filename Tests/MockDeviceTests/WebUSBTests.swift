import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// The way past a program that holds the reader: vendor requests of the WebUSB interface.
@Suite struct WebUSBTests {
    private static let subject = Bench.Subject.all.first { $0.model.name == "canokey" }

    private func heldBench() throws -> Bench {
        let bench = try Bench(try #require(Self.subject))
        bench.key.heldInterfaces = [0, 1, 2, 3]
        return bench
    }

    private func setCode(_ code: String, on bench: Bench) throws {
        let held = bench.key.heldInterfaces
        bench.key.heldInterfaces = []
        let description = try #require(try bench.host.devices().first)
        let connection = try CCIDConnection(
            device: try bench.host.open(description), configuration: description.configuration)
        let oath = try OATHSession(channel: APDUChannel(connection: connection))
        try oath.setAccessKey(oath.accessKey(for: Secret(code)), challenge: [UInt8](0...7))
        oath.close()
        bench.key.heldInterfaces = held
    }

    @Test func `a held reader costs a third transfer for each exchange and no claim`() throws {
        let bench = try heldBench()
        #expect(try bench.enroll(try Samples.totp("alice")) == .full)
        // The serial number; SELECT, LIST, PUT, CALCULATE and the last SELECT: the command, a look, the answer.
        #expect(bench.key.transferCount == 2 + 5 * 3)
        #expect(bench.key.transfers.allSatisfy { $0.error == nil })
        #expect(try bench.code("Example:alice") == .code(OneTimePassword.code(for: Samples.totp("alice"), at: 59)))
    }

    @Test func `a session that was unlocked is locked again when it ends`() throws {
        let bench = try heldBench()
        try setCode("sesame", on: bench)
        try bench.with { session in
            #expect(session.isLocked)
            try session.unlock(accessCode: Secret("sesame"))
            #expect(try session.list().isEmpty)
        }
        _ = try bench.with { session in
            #expect(throws: DeviceError.accessCodeRequired) { try session.list() }
        }
    }

    @Test(arguments: [false, true])
    func `what the program at the reader took from under a session is selected again`(isLocked: Bool) throws {
        let bench = try heldBench()
        let credential = try Samples.totp("alice")
        try bench.enroll(credential)
        if isLocked { try setCode("sesame", on: bench) }
        func takeSelection() {
            bench.key.usb.withCard { $0.chip.powerOff() }
        }
        try bench.with { session in
            if isLocked { try session.unlock(accessCode: Secret("sesame")) }
            takeSelection()
            let alice = try #require(try session.list().first)
            takeSelection()
            #expect(
                try session.code(for: alice, at: 59).value == .code(OneTimePassword.code(for: credential, at: 59)))
            takeSelection()
            try session.delete(alice)
            #expect(try session.list().isEmpty)
        }
    }

    @Test func `a selection that is taken from a locked session leaves it locked`() throws {
        let bench = try heldBench()
        try setCode("sesame", on: bench)
        try bench.with { session in
            bench.key.usb.withCard { $0.chip.powerOff() }
            #expect(throws: DeviceError.accessCodeRequired) { try session.list() }
        }
    }

    @Test func `a touch is waited for`() throws {
        let bench = try heldBench()
        let touched = try Samples.totp("touch")
        #expect(try bench.enroll(touched, WriteOptions(touch: true)) == .full)
        bench.key.touch = .never
        #expect(throws: DeviceError.touchTimedOut) { try bench.code("Example:touch") }
    }

    @Test func `while the chip works on a command of the reader, ours waits its turn`() throws {
        let bench = try heldBench()
        bench.key.usb.withCard { card in
            guard var chip = card.chip as? OATHCard else { return }
            chip.webUSB.state = .working(until: .milliseconds(300))
            card.chip = chip
        }
        #expect(try bench.names().isEmpty)
        #expect(bench.key.clock.now >= .milliseconds(300))
    }

    @Test func `a chip that works for another program without end is busy`() throws {
        let bench = try heldBench()
        bench.key.usb.withCard { card in
            guard var chip = card.chip as? OATHCard else { return }
            chip.webUSB.state = .working(until: .seconds(3600))
            card.chip = chip
        }
        #expect {
            try bench.open()
        } throws: { error in
            guard case DeviceError.connection(.usb(let usb), during: .selecting) = error else { return false }
            return usb.code == .busy
        }
    }

    /// As in the fault tests of all families, for this way in.
    @Test(arguments: Fault.allCases)
    func `every transfer fails once`(_ fault: Fault) throws {
        let credential = try Samples.totp("new")
        for number in 1...17 {
            let bench = try heldBench()
            bench.key.faults = FaultPlan(fault, atTransfer: number)
            let proof = try? bench.enroll(credential)
            bench.key.faults = .none
            if !bench.key.isPlugged { bench.key.plug() }
            if proof != nil {
                #expect(try bench.code("Example:new") == .code(OneTimePassword.code(for: credential, at: 59)))
            }
            #expect(try bench.enroll(credential, replaces: true) == .full, "\(fault), \(number)")
        }
    }
}
