import MockDevices
import Synchronization
import TestSupport
import USBTransport

/// A bus of virtual keys, some of which may have all interfaces switched off that we use, and on which something happens
/// while somebody watches.
final class TestBus: USBHost, Sendable {
    let keys: [VirtualKey]
    private let host: VirtualHost
    private let state = Mutex(State())

    private struct State {
        /// What a key says that it is, by port.
        var disguises: [UInt8: USBID] = [:]
        var events: [@Sendable () -> Void] = []
        var hasEnded = false
        /// What is there when a program begins to look, and has not been told to it yet.
        var present: [USBDeviceDescription] = []
    }

    init(_ keys: [VirtualKey]) {
        self.keys = keys
        host = VirtualHost(keys)
    }

    /// Whether all that was to happen has happened, and somebody still waits for more.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Nobody watches any more.
    func rest() {
        while (try? host.nextChange(timeout: .zero)) != nil {}
        let present = (try? devices()) ?? []
        state.withLock { ($0.hasEnded, $0.present) = (false, present) }
    }

    /// To happen as soon as somebody has waited in vain.
    func whileWatched(_ event: @escaping @Sendable () -> Void) { state.withLock { $0.events.append(event) } }

    /// A YubiKey with only its FIDO interface has another product id, which is how a host sees it.
    func disable(port: UInt8) { disguise(port: port, as: Self.fidoOnly) }

    /// Has a key show the ids of another product.
    func disguise(port: UInt8, as id: USBID) { state.withLock { $0.disguises[port] = id } }

    func devices() throws(USBError) -> [USBDeviceDescription] { try host.devices().map(shown) }

    func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice {
        guard let device = try host.devices().first(where: { shown($0) == description }) else {
            throw USBError(.noDevice, during: .open)
        }
        return try host.open(device)
    }

    func nextChange(timeout: Duration) throws(USBError) -> USBChange? {
        let first = state.withLock { $0.present.isEmpty ? nil : $0.present.removeFirst() }
        if let first { return .arrived(first) }
        switch try host.nextChange(timeout: timeout) {
        case .arrived(let description)?: return .arrived(shown(description))
        case .left(let description)?: return .left(shown(description))
        case nil:
            // Who does not wait looks in passing; nothing happens because of that.
            guard timeout > .zero else { return nil }
            let event = state.withLock { state in
                state.hasEnded = state.events.isEmpty
                return state.hasEnded ? nil : state.events.removeFirst()
            }
            event?()
            // What that event did is seen before the end is.
            return event == nil ? nil : try nextChange(timeout: timeout)
        }
    }

    private func shown(_ description: USBDeviceDescription) -> USBDeviceDescription {
        guard let port = description.location.ports.first, let id = state.withLock({ $0.disguises[port] }) else {
            return description
        }
        var bytes = keys[Int(port) - 1].descriptors.deviceBytes
        bytes.replaceSubrange(
            Self.idOffsets, with: [id.vendor, id.product].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        return USBDeviceDescription(
            location: description.location, address: description.address,
            device: (try? DeviceDescriptor(parsing: bytes)) ?? description.device,
            configuration: description.configuration)
    }

    private static let idOffsets = 8..<12
    private static let fidoOnly = USBID(vendor: 0x1050, product: 0x0402)
}
