import ByteBuffers
import Synchronization
import USBTransport

/// One process's view of a virtual device: the seam. Several of them share the hardware.
final class VirtualHandle<Card: SmartCard>: USBDevice {
    private let reader: VirtualReader<Card>
    private var handle: USBHardware<Card>.Handle
    private var isOpen = true

    init(_ reader: VirtualReader<Card>, _ handle: USBHardware<Card>.Handle) {
        (self.reader, self.handle) = (reader, handle)
    }

    deinit { close() }

    func claimInterface(_ number: UInt8) throws(USBError) {
        try requireOpen(.claim(interface: number))
        let handle = handle
        try reader.hardware.withLock { hardware throws(USBError) in try hardware.claim(number, by: handle) }
    }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        try requireOpen(.control(request: setup.request))
        let data = [UInt8](copying: data)
        return try transfer(.control(setup), setup.isIn ? .in : .out, sending: data.count) {
            hardware, handle throws(USBError) in
            try hardware.control(setup, data: data, timeout: timeout, by: &handle)
        }
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        try requireOpen(.write(endpoint: endpoint))
        let bytes = [UInt8](copying: bytes)
        _ = try transfer(.endpoint(endpoint), .out, sending: bytes.count) { hardware, handle throws(USBError) in
            try hardware.write(bytes, to: endpoint, timeout: timeout, by: &handle)
            return []
        }
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        try requireOpen(.read(endpoint: endpoint))
        return try transfer(.endpoint(endpoint), .in, sending: 0) { hardware, handle throws(USBError) in
            try hardware.read(upTo: count, from: endpoint, timeout: timeout, by: &handle)
        }
    }

    func pause(for duration: Duration) { reader.hardware.withLock { $0.clock.advance(by: duration) } }

    func close() {
        guard isOpen else { return }
        isOpen = false
        let handle = handle
        reader.hardware.withLock { $0.close(handle) }
    }

    private func requireOpen(_ operation: USBError.Operation) throws(USBError) {
        guard isOpen else { throw USBError(.noDevice, during: operation) }
    }

    /// Runs one transfer and writes it down, however it ends.
    private func transfer(
        _ target: VirtualTransfer.Target, _ direction: VirtualTransfer.Direction, sending sent: Int,
        _ body: (inout USBHardware<Card>, inout USBHardware<Card>.Handle) throws(USBError) -> [UInt8]
    ) throws(USBError) -> [UInt8] {
        var handle = handle
        defer { self.handle = handle }
        return try reader.hardware.withLock { hardware throws(USBError) in
            do throws(USBError) {
                let received = try body(&hardware, &handle)
                hardware.record(target, direction, byteCount: direction == .in ? received.count : sent, error: nil)
                return received
            } catch {
                hardware.record(target, direction, byteCount: 0, error: error)
                // What the libusb backend does, and the seam promises: a stall leaves no halt behind.
                if error.code == .stall, case .endpoint(let address) = target { hardware.clearHalt(address) }
                throw error
            }
        }
    }
}
