import ByteBuffers
import Foundation
import KeyProvision
import MockDevices
import Testing
import USBTransport

@testable import keyprov

/// What several keys at once cost in time where each takes 600 ms for a write. Printed and not judged: `KEYPROV_FIGURES=1`
/// asks for it.
@Suite(.serialized) struct LineFigures {
    private static let isWanted = ProcessInfo.processInfo.environment["KEYPROV_FIGURES"] != nil

    @Test(.enabled(if: isWanted, "KEYPROV_FIGURES is not set"))
    func `Sixteen keys at once take as long as one`() throws {
        let model = try #require(VirtualModel.named("yubikey5"))
        var one: Duration?
        for count in [1, 4, 16] {
            let workshop = try Workshop(entries: count, models: [model], spares: 0)
            let start = ContinuousClock.now
            #expect(try workshop.process(jobs: count, writeTime: .milliseconds(600)) == .done)
            let time = ContinuousClock.now - start
            one = one ?? time
            print("line: \(count) keys at once: \(time), \(time / (one ?? time)) times one")
            try workshop.checkResult()
        }
    }
}

/// A device that takes a while for each PUT (YKOATH, instruction 01), in real time.
final class SlowDevice: USBDevice {
    private let device: any USBDevice
    private let writeTime: Duration

    init(_ device: any USBDevice, writeTime: Duration) { (self.device, self.writeTime) = (device, writeTime) }

    /// In a CCID message: ten bytes of header, the class, the instruction.
    private static let instructionOffset = 11
    private static let put: UInt8 = 0x01

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        if bytes.byte(at: Self.instructionOffset) == Self.put {
            Thread.sleep(forTimeInterval: writeTime / .seconds(1))
        }
        try device.write(bytes, to: endpoint, timeout: timeout)
    }

    func claimInterface(_ number: UInt8) throws(USBError) { try device.claimInterface(number) }
    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        try device.control(setup, data: data, timeout: timeout)
    }
    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        try device.read(upTo: count, from: endpoint, timeout: timeout)
    }
    func pause(for duration: Duration) { device.pause(for: duration) }
    func close() { device.close() }
}
