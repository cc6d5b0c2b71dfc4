import CLibUSB
import Glibc

/// A device that libusb has opened. For one thread at a time.
@safe final class LibUSBDevice: USBDevice {
    /// nil once closed.
    private var handle: OpaquePointer?
    private let reference: LibUSBDeviceReference
    private let configuration: ConfigurationDescriptor
    /// In the order of claiming.
    private var claimed: [UInt8] = []

    init(opening reference: LibUSBDeviceReference, configuration: ConfigurationDescriptor) throws(USBError) {
        self.reference = reference
        self.configuration = configuration
        try USBError.check(unsafe libusb_open(reference.pointer, &handle), during: .open)
        // Where libusb cannot move kernel drivers it says so here; the claim then tells whether one was in the way.
        _ = unsafe libusb_set_auto_detach_kernel_driver(handle, 1)
    }

    deinit { close() }

    func claimInterface(_ number: UInt8) throws(USBError) {
        let operation = USBError.Operation.claim(interface: number)
        let handle = unsafe try openHandle(operation)
        guard configuration.interfaces.contains(where: { $0.number == number }) else {
            throw USBError(.notFound, during: operation)
        }
        guard !claimed.contains(number) else { return }
        try USBError.check(unsafe libusb_claim_interface(handle, Int32(number)), during: operation)
        claimed.append(number)
    }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        let operation = USBError.Operation.control(request: setup.request)
        let handle = unsafe try openHandle(operation)
        let length = Int(setup.length)
        guard data.byteCount == (setup.isIn ? 0 : length) else { throw USBError(.invalidParameter, during: operation) }

        let transfer = try LibUSBTransfer(
            size: LibUSBTransfer.setupSize + length, context: reference.context, operation: operation)
        transfer.load(data, at: LibUSBTransfer.setupSize)
        let outcome = unsafe try transfer.runControl(setup, on: handle, timeout: timeout, operation: operation)
        if let failure = outcome.failure { throw USBError(failure, during: operation) }
        if setup.isIn { return transfer.bytes(outcome.count, at: LibUSBTransfer.setupSize) }
        guard outcome.count == length else { throw USBError(.io, during: operation) }
        return []
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        let operation = USBError.Operation.write(endpoint: endpoint)
        let handle = unsafe try openHandle(operation)
        let descriptor = try claimedEndpoint(endpoint, .out, operation)

        let transfer = try LibUSBTransfer(size: bytes.byteCount, context: reference.context, operation: operation)
        transfer.load(bytes)
        let outcome = unsafe try transfer.run(
            count: bytes.byteCount, endpoint: descriptor, on: handle, timeout: timeout, operation: operation)
        if let failure = outcome.failure { throw unsafe self.failure(failure, on: endpoint, of: handle, operation) }
        guard outcome.count == bytes.byteCount else { throw USBError(.io, during: operation) }
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        let operation = USBError.Operation.read(endpoint: endpoint)
        let handle = unsafe try openHandle(operation)
        let descriptor = try claimedEndpoint(endpoint, .in, operation)
        guard count > 0, count <= Int32.max, count.isMultiple(of: descriptor.maxPacketSize) else {
            throw USBError(.invalidParameter, during: operation)
        }

        let transfer = try LibUSBTransfer(size: count, context: reference.context, operation: operation)
        let outcome = unsafe try transfer.run(
            count: count, endpoint: descriptor, on: handle, timeout: timeout, operation: operation)
        switch outcome.failure {
        case nil: break
        case .timeout? where outcome.count > 0: break
        case let failure?: throw unsafe self.failure(failure, on: endpoint, of: handle, operation)
        }
        return transfer.bytes(outcome.count)
    }

    func pause(for duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        var left = timespec(tv_sec: Int(clamping: seconds), tv_nsec: Int(attoseconds / Self.attosecondsPerNanosecond))
        var request: timespec
        repeat { request = left } while unsafe nanosleep(&request, &left) != 0 && errno == EINTR
    }

    func close() {
        guard let open = unsafe handle else { return }
        unsafe handle = nil
        // A release gives the kernel its driver back. It fails where the device has gone, and then nothing is owed.
        for interface in claimed.reversed() { _ = unsafe libusb_release_interface(open, Int32(interface)) }
        claimed = []
        unsafe libusb_close(open)
    }

    private func openHandle(_ operation: USBError.Operation) throws(USBError) -> OpaquePointer {
        guard let handle = unsafe handle else { throw USBError(.noDevice, during: operation) }
        return unsafe handle
    }

    /// The endpoint as its claimed interface describes it, which is what tells bulk from interrupt. Interfaces stay in
    /// alternate setting 0, where claiming finds them.
    private func claimedEndpoint(
        _ address: UInt8, _ direction: EndpointDescriptor.Direction, _ operation: USBError.Operation
    ) throws(USBError) -> EndpointDescriptor {
        let endpoint = configuration.interfaces.lazy
            .filter { self.claimed.contains($0.number) && $0.alternateSetting == 0 }
            .flatMap(\.endpoints).first { $0.address == address }
        guard let endpoint else { throw USBError(.notFound, during: operation) }
        guard endpoint.direction == direction, endpoint.kind == .bulk || endpoint.kind == .interrupt else {
            throw USBError(.invalidParameter, during: operation)
        }
        return endpoint
    }

    /// A halted endpoint answers nothing until its halt is cleared, so that is done before the stall is reported.
    /// Where the clearing fails too, the next transfer meets the same halt and says so.
    private func failure(
        _ code: USBError.Code, on endpoint: UInt8, of handle: OpaquePointer, _ operation: USBError.Operation
    ) -> USBError {
        if code == .stall { _ = unsafe libusb_clear_halt(handle, endpoint) }
        return USBError(code, during: operation)
    }

    private static let attosecondsPerNanosecond: Int64 = 1_000_000_000
}
