import CLibUSB
import Glibc

/// One transfer from start to end, with a buffer of its own that is wiped when the transfer goes.
///
/// libusb's synchronous calls would do, were it not for control transfers: `libusb_control_transfer` copies the data
/// into memory that it frees as it is, and the data may be a key. So all transfers run through the asynchronous calls,
/// which work in the caller's buffer. What cannot be wiped from here is the kernel's copy of each request (usbfs frees
/// it unwiped) and what the host controller's driver may bounce.
@safe final class LibUSBTransfer {
    struct Outcome {
        /// nil for a transfer that completed.
        let failure: USBError.Code?
        /// Bytes of data that went over the bus, a control transfer's setup packet not counted.
        let count: Int
    }

    private let context: LibUSBContext
    private let transfer: UnsafeMutablePointer<libusb_transfer>
    private let buffer: UnsafeMutableRawBufferPointer
    /// Set by the callback; of libusb's type, since `libusb_handle_events_completed` reads it. Guarded by the lock of
    /// the event waiters, because the callback runs on whichever thread handles events.
    private let completed: UnsafeMutablePointer<Int32>

    /// - Parameter size: of the buffer in bytes; for control transfers with `setupSize`.
    init(size: Int, context: LibUSBContext, operation: USBError.Operation) throws(USBError) {
        guard let transfer = unsafe libusb_alloc_transfer(0) else { throw USBError(.noMemory, during: operation) }
        self.context = context
        unsafe self.transfer = transfer
        unsafe buffer = .allocate(byteCount: max(size, 1), alignment: 16)
        unsafe completed = .allocate(capacity: 1)
        unsafe completed.initialize(to: 0)
    }

    deinit {
        unsafe libusb_free_transfer(transfer)
        if let base = unsafe buffer.baseAddress { unsafe explicit_bzero(base, buffer.count) }
        unsafe buffer.deallocate()
        unsafe completed.deallocate()
    }

    /// Copies the bytes that go out into the buffer.
    func load(_ bytes: RawSpan, at offset: Int = 0) {
        unsafe bytes.withUnsafeBytes { source in
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[offset...])
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(room.count)))
        }
    }

    /// The bytes that came in.
    func bytes(_ count: Int, at offset: Int = 0) -> [UInt8] {
        unsafe [UInt8](buffer.dropFirst(offset).prefix(count))
    }

    /// Runs a control transfer whose data stage is in the buffer behind the first `setupSize` bytes.
    func runControl(_ setup: ControlSetup, on handle: OpaquePointer, timeout: Duration, operation: USBError.Operation)
        throws(USBError) -> Outcome
    {
        let bytes = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe libusb_fill_control_setup(
            bytes, setup.requestType, setup.request, setup.value, setup.index, setup.length)
        unsafe libusb_fill_control_transfer(
            transfer, handle, bytes, Self.callback, Unmanaged.passUnretained(self).toOpaque(),
            timeout.libUSBMilliseconds)
        return try run(operation)
    }

    /// Runs a bulk or interrupt transfer of the first `count` bytes of the buffer.
    func run(
        count: Int, endpoint: EndpointDescriptor, on handle: OpaquePointer, timeout: Duration,
        operation: USBError.Operation
    ) throws(USBError) -> Outcome {
        let fill = unsafe endpoint.kind == .interrupt ? libusb_fill_interrupt_transfer : libusb_fill_bulk_transfer
        unsafe fill(
            transfer, handle, endpoint.address, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self),
            Int32(clamping: count), Self.callback, Unmanaged.passUnretained(self).toOpaque(),
            timeout.libUSBMilliseconds)
        return try run(operation)
    }

    static let setupSize = 8

    private static let callback: @convention(c) (UnsafeMutablePointer<libusb_transfer>?) -> Void = { transfer in
        guard let owner = unsafe transfer?.pointee.user_data else { return }
        unsafe Unmanaged<LibUSBTransfer>.fromOpaque(owner).takeUnretainedValue().complete()
    }

    private func complete() {
        unsafe libusb_lock_event_waiters(context.pointer)
        unsafe completed.pointee = 1
        unsafe libusb_unlock_event_waiters(context.pointer)
    }

    private var isComplete: Bool {
        unsafe libusb_lock_event_waiters(context.pointer)
        defer { unsafe libusb_unlock_event_waiters(context.pointer) }
        return unsafe completed.pointee != 0
    }

    /// Submits and stays until the callback came: the kernel writes into the buffer up to then, so an error on the way
    /// ends the transfer and not the waiting.
    private func run(_ operation: USBError.Operation) throws(USBError) -> Outcome {
        try USBError.check(unsafe libusb_submit_transfer(transfer), during: operation)
        while !isComplete {
            let result = USBError.Code(rawValue: unsafe libusb_handle_events_completed(context.pointer, completed))
            if result.rawValue < 0, result != .interrupted { unsafe libusb_cancel_transfer(transfer) }
        }
        return Outcome(
            failure: unsafe Self.failure(transfer.pointee.status), count: Int(unsafe transfer.pointee.actual_length))
    }

    /// As libusb's own synchronous calls translate it.
    private static func failure(_ status: libusb_transfer_status) -> USBError.Code? {
        switch status {
        case LIBUSB_TRANSFER_COMPLETED: nil
        case LIBUSB_TRANSFER_TIMED_OUT: .timeout
        case LIBUSB_TRANSFER_STALL: .stall
        case LIBUSB_TRANSFER_OVERFLOW: .overflow
        case LIBUSB_TRANSFER_NO_DEVICE: .noDevice
        case LIBUSB_TRANSFER_ERROR, LIBUSB_TRANSFER_CANCELLED: .io
        default: .other
        }
    }
}
