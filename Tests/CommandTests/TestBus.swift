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
        var disabled: Set<UInt8> = []
        var events: [@Sendable () -> Void] = []
        var isWatched = false
    }

    init(_ keys: [VirtualKey]) {
        self.keys = keys
        host = VirtualHost(keys)
    }

    /// Whether all that was to happen has happened while somebody watched.
    var hasEnded: Bool { state.withLock { $0.isWatched && $0.events.isEmpty } }

    /// Nobody watches any more.
    func rest() { state.withLock { $0.isWatched = false } }

    /// To happen as soon as somebody has waited in vain.
    func whileWatched(_ event: @escaping @Sendable () -> Void) { state.withLock { $0.events.append(event) } }

    func disable(port: UInt8) { state.withLock { _ = $0.disabled.insert(port) } }

    func devices() throws(USBError) -> [USBDeviceDescription] { try host.devices().map(shown) }

    func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice {
        guard let device = try host.devices().first(where: { shown($0) == description }) else {
            throw USBError(.noDevice, during: .open)
        }
        return try host.open(device)
    }

    func nextChange(timeout: Duration) throws(USBError) -> USBChange? {
        switch try host.nextChange(timeout: timeout) {
        case .arrived(let description)?: return .arrived(shown(description))
        case .left(let description)?: return .left(shown(description))
        case nil:
            let event = state.withLock { state in
                state.isWatched = true
                return state.events.isEmpty ? nil : state.events.removeFirst()
            }
            event?()
            // What that event did is seen before the end is.
            return event == nil ? nil : try nextChange(timeout: timeout)
        }
    }

    /// A YubiKey with only its FIDO interface has another product id, which is how a host sees it.
    private func shown(_ description: USBDeviceDescription) -> USBDeviceDescription {
        guard let port = description.location.ports.first, state.withLock({ $0.disabled.contains(port) }) else {
            return description
        }
        var bytes = keys[Int(port) - 1].descriptors.deviceBytes
        (bytes[Self.productOffset], bytes[Self.productOffset + 1]) = (0x02, 0x04)
        return USBDeviceDescription(
            location: description.location, address: description.address,
            device: (try? DeviceDescriptor(parsing: bytes)) ?? description.device,
            configuration: description.configuration)
    }

    private static let productOffset = 10
}
