import ByteBuffers
import MockDevices
import USBTransport

/// The seam over USB/IP: a device that a program drives through a server in process, as libusb and a kernel would. Time
/// is the server's; a transfer that its timeout ends is taken back.
final class RemoteDevice: USBDevice {
    private let bench: USBIPBench
    private let client: Int
    private let deviceID: UInt32
    private let descriptors: DescriptorSet

    init(_ bench: USBIPBench) throws {
        self.bench = bench
        client = try bench.importing()
        deviceID = bench.deviceID
        descriptors = bench.key.descriptors
    }

    func claimInterface(_ number: UInt8) throws(USBError) {}

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        let bytes =
            [setup.requestType, setup.request] + Self.little(setup.value) + Self.little(setup.index)
            + Self.little(setup.length)
        let submit = USBIPBench.Submit(
            sequence: bench.nextSequence(), device: deviceID, isIn: setup.isIn, length: UInt32(setup.length),
            setup: bytes,
            data: [UInt8](copying: data))
        return try run(submit, timeout, .control(request: setup.request))
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        let data = [UInt8](copying: bytes)
        let submit = USBIPBench.Submit(
            sequence: bench.nextSequence(), device: deviceID, isIn: false, endpoint: UInt32(endpoint),
            length: UInt32(data.count),
            data: data)
        _ = try run(submit, timeout, .write(endpoint: endpoint))
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        let submit = USBIPBench.Submit(
            sequence: bench.nextSequence(), device: deviceID, endpoint: UInt32(endpoint & 0x0F), length: UInt32(count))
        return try run(submit, timeout, .read(endpoint: endpoint))
    }

    func pause(for duration: Duration) { bench.server.advance(by: duration) }

    func close() { bench.server.disconnect(client) }

    private func run(
        _ submit: USBIPBench.Submit, _ timeout: Duration, _ operation: USBError.Operation
    ) throws(USBError) -> [UInt8] {
        var output = bench.exchange(client, submit.bytes)
        var left = timeout
        while output.isEmpty, left > .zero, !bench.server.isOver(client) {
            let step = min(left, max(bench.server.timeUntilNextEvent ?? left, .milliseconds(1)))
            bench.server.advance(by: step)
            left -= step
            output = bench.take(client)
        }
        if output.isEmpty {
            let unlink = USBIPBench.unlink(submit.sequence, sequence: bench.nextSequence(), device: deviceID)
            output = bench.exchange(client, unlink)
        }
        let replies = try? USBIPBench.replies(output) { $0 == submit.sequence && submit.isIn }
        guard let reply = replies?.first else { throw USBError(.noDevice, during: operation) }
        guard reply.sequence == submit.sequence else { throw USBError(.timeout, during: operation) }
        switch reply.status {
        case 0: return reply.data
        case USBIPBench.pipe:
            // What libusb's user does, so that the next transfer starts afresh.
            if submit.endpoint != 0 {
                let address = UInt8(submit.endpoint) | (submit.isIn ? 0x80 : 0)
                _ = try control(
                    ControlSetup(requestType: 0x02, request: 1, value: 0, index: UInt16(address), length: 0),
                    data: RawSpan(), timeout: .seconds(1))
            }
            throw USBError(.stall, during: operation)
        case USBIPBench.shutDown: throw USBError(.noDevice, during: operation)
        case -75: throw USBError(.overflow, during: operation)
        default: throw USBError(.io, during: operation)
        }
    }

    private static func little(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }
}
