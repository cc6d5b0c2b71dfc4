import Foundation
import Synchronization

/// Answers the kernel's side of usbfs for one device node of a testbed, so that libusb opens, claims and transfers.
///
/// umockdev calls the handler on a thread of its own, for one open file at a time.
final class LibUSBVirtualKey: @unchecked Sendable {
    /// A submitted transfer as the device sees it.
    struct Request {
        let endpoint: UInt8
        /// `USBDEVFS_URB_TYPE_…`
        let type: UInt8
        /// What goes out; for a control transfer the setup packet and, for OUT, the data.
        let bytes: [UInt8]
        /// Bytes that may come in.
        let room: Int
    }

    enum Answer {
        /// Data that comes in.
        case bytes([UInt8])
        /// Bytes of those going out that the device took.
        case accepted(Int)
        /// The transfer fails with this number of errno.
        case failure(Int32)
        /// Nothing more after these bytes, until the host gives up.
        case silence(after: [UInt8] = [])
    }

    /// What was asked for apart from transfers, in order.
    enum Event: Hashable {
        case claimed(UInt32), released(UInt32), driverReattached(UInt32), haltCleared(UInt32)
    }

    private struct Pending {
        let urb: UMockdev.Object
        let address: UInt
    }

    private let testbed: LibUSBTestbed
    private let node: String
    private let handler: UMockdev.Object
    private let answer: (Request) -> Answer
    private var pending: [Pending] = []
    private var finished: [UMockdev.Object] = []
    private let log = Mutex<(events: [Event], requests: [Request])>(([], []))
    /// Interfaces that another process holds.
    private let busy: Set<UInt32>

    init(
        _ plug: LibUSBTestbed.Plug, in testbed: LibUSBTestbed, busy: Set<UInt32> = [],
        answer: @escaping (Request) -> Answer
    ) {
        self.testbed = testbed
        self.answer = answer
        self.busy = busy
        node = plug.node
        handler = testbed.api.newIoctlBase()
        let me = Unmanaged.passUnretained(self).toOpaque()
        _ = testbed.api.connect(handler, "handle-ioctl", Self.callback, me, nil, 0)
        _ = testbed.api.attachIoctl(testbed.object, node, handler, nil)
    }

    deinit {
        _ = testbed.api.detachIoctl(testbed.object, node, nil)
        testbed.api.unref(handler)
    }

    var events: [Event] { log.withLock { $0.events } }
    var requests: [Request] { log.withLock { $0.requests } }

    private static let callback: UMockdev.IoctlHandler = { _, client, key in
        guard let client, let key else { return 0 }
        Unmanaged<LibUSBVirtualKey>.fromOpaque(key).takeUnretainedValue().handle(client)
        return 1
    }

    private func handle(_ client: UMockdev.Object) {
        let (api, argument) = (testbed.api, testbed.api.argument(client))
        func complete(_ error: Int32 = 0) { api.complete(client, error == 0 ? 0 : -1, error) }
        func number(at offset: Int = 0) -> UInt32 {
            api.resolve(argument, 0, UInt(offset + 4), nil).map { Self.load($0, UInt32.self, offset) } ?? .max
        }
        switch Usbfs(rawValue: api.request(client)) {
        case .getCapabilities:
            guard let value = api.resolve(argument, 0, 4, nil) else { return complete(EFAULT) }
            Self.store(Usbfs.capabilities, value, 0)
            complete()
        case .disconnectAndClaim, .claimInterface:
            let interface = number()
            guard !busy.contains(interface) else { return complete(EBUSY) }
            record(.claimed(interface))
            complete()
        case .releaseInterface:
            record(.released(number()))
            complete()
        case .ioctl:
            if number(at: 4) == Usbfs.connect.rawValue { record(.driverReattached(number())) }
            complete()
        case .clearHalt:
            record(.haltCleared(number()))
            complete()
        case .submit: complete(submit(argument))
        case .discard: complete(discard(Self.load(argument, UInt.self, 0)))
        case .reap, .reapWithoutWaiting: reap(argument, complete)
        default: complete(ENOTTY)
        }
    }

    private func record(_ event: Event) { log.withLock { $0.events.append(event) } }

    private func submit(_ argument: UMockdev.Object) -> Int32 {
        guard let urb = testbed.api.resolve(argument, 0, UInt(Urb.size), nil) else { return EFAULT }
        let length = Int(Self.load(urb, Int32.self, Urb.bufferLength))
        let (type, endpoint) = (Self.load(urb, UInt8.self, Urb.type), Self.load(urb, UInt8.self, Urb.endpoint))
        // An empty buffer has no address to resolve; nothing is read from or put into its stand-in.
        let buffer = length == 0 ? urb : testbed.api.resolve(urb, UInt(Urb.buffer), UInt(length), nil)
        guard let buffer else { return EFAULT }
        let contents = [UInt8](UnsafeRawBufferPointer(start: Self.data(buffer), count: length))
        let isControl = type == Urb.control
        let isIn = isControl ? contents[0] & 0x80 != 0 : endpoint & 0x80 != 0
        let setup = isControl ? Urb.setupSize : 0
        let request = Request(
            endpoint: endpoint, type: type, bytes: isIn ? Array(contents[..<setup]) : contents,
            room: isIn ? length - setup : 0)
        log.withLock { $0.requests.append(request) }

        func deliver(_ bytes: [UInt8]) {
            let count = min(bytes.count, request.room)
            Self.data(buffer).advanced(by: setup).copyMemory(from: bytes, byteCount: count)
            Self.store(Int32(count), urb, Urb.actualLength)
        }
        switch answer(request) {
        case .bytes(let bytes):
            deliver(bytes)
            finish(urb, bytes.count > request.room ? -EOVERFLOW : 0)
        case .accepted(let count):
            Self.store(Int32(count), urb, Urb.actualLength)
            finish(urb, 0)
        case .failure(let error): finish(urb, -error)
        case .silence(let bytes):
            deliver(bytes)
            pending.append(Pending(urb: urb, address: Self.address(urb)))
        }
        return 0
    }

    private func finish(_ urb: UMockdev.Object, _ status: Int32) {
        Self.store(status, urb, Urb.status)
        finished.append(urb)
    }

    private func discard(_ address: UInt) -> Int32 {
        guard let index = pending.firstIndex(where: { $0.address == address }) else { return EINVAL }
        finish(pending.remove(at: index).urb, -ENOENT)
        return 0
    }

    private func reap(_ argument: UMockdev.Object, _ complete: (Int32) -> Void) {
        guard !finished.isEmpty else {
            // The node is always ready to be read, so libusb would ask without a pause.
            usleep(1000)
            return complete(EAGAIN)
        }
        let urb = finished.removeFirst()
        guard let slot = testbed.api.resolve(argument, 0, UInt(MemoryLayout<UInt>.size), nil) else {
            return complete(EFAULT)
        }
        _ = testbed.api.setPointer(slot, 0, urb)
        complete(0)
    }

    /// `struct _UMockdevIoctlData` behind its GObject: data, its length, its address in the client.
    private static let dataOffset = 24
    private static let addressOffset = 40

    private static func data(_ object: UMockdev.Object) -> UnsafeMutableRawPointer {
        object.load(fromByteOffset: dataOffset, as: UnsafeMutableRawPointer.self)
    }

    private static func address(_ object: UMockdev.Object) -> UInt {
        object.load(fromByteOffset: addressOffset, as: UInt.self)
    }

    private static func load<T: BitwiseCopyable>(_ object: UMockdev.Object, _: T.Type, _ offset: Int) -> T {
        data(object).loadUnaligned(fromByteOffset: offset, as: T.self)
    }

    private static func store<T: BitwiseCopyable>(_ value: T, _ object: UMockdev.Object, _ offset: Int) {
        data(object).storeBytes(of: value, toByteOffset: offset, as: T.self)
    }
}

/// The requests of usbfs on a 64-bit machine (linux/usbdevice_fs.h).
private struct Usbfs: RawRepresentable, Hashable {
    let rawValue: UInt

    static let submit = Usbfs(rawValue: 0x8038_550A)
    static let discard = Usbfs(rawValue: 0x550B)
    static let reap = Usbfs(rawValue: 0x4008_550C)
    static let reapWithoutWaiting = Usbfs(rawValue: 0x4008_550D)
    static let claimInterface = Usbfs(rawValue: 0x8004_550F)
    static let releaseInterface = Usbfs(rawValue: 0x8004_5510)
    static let ioctl = Usbfs(rawValue: 0xC010_5512)
    static let clearHalt = Usbfs(rawValue: 0x8004_5515)
    static let connect = Usbfs(rawValue: 0x5517)
    static let getCapabilities = Usbfs(rawValue: 0x8004_551A)
    static let disconnectAndClaim = Usbfs(rawValue: 0x8108_551B)

    /// `USBDEVFS_CAP_`: zero packets, bulk continuation, no limit of a packet's size, reaping after disconnection.
    static let capabilities: UInt32 = 0x01 | 0x02 | 0x04 | 0x10
}

/// `struct usbdevfs_urb` on a 64-bit machine.
private enum Urb {
    static let type = 0
    static let endpoint = 1
    static let status = 4
    static let buffer = 16
    static let bufferLength = 24
    static let actualLength = 28
    static let size = 56

    static let control: UInt8 = 2
    static let setupSize = 8
}
