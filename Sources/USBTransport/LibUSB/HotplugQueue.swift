import CLibUSB
import Synchronization

/// What libusb's hotplug callback leaves for the thread that asks.
///
/// The callback may call hardly anything of libusb, so it takes a reference to the device and goes.
final class HotplugQueue: Sendable {
    /// Holds a libusb reference that whoever takes the event has to release. Unchecked, because libusb counts
    /// references under a lock.
    @safe struct Event: @unchecked Sendable {
        let device: OpaquePointer
        let arrived: Bool
    }

    private let events = Mutex<[Event]>([])

    func append(_ device: OpaquePointer, arrived: Bool) {
        let event = unsafe Event(device: libusb_ref_device(device), arrived: arrived)
        events.withLock { $0.append(event) }
    }

    /// The oldest event, its device in a reference of `context`.
    func next(of context: LibUSBContext) -> (device: LibUSBDeviceReference, arrived: Bool)? {
        let event = events.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let event else { return nil }
        defer { unsafe libusb_unref_device(event.device) }
        return unsafe (LibUSBDeviceReference(retaining: event.device, of: context), event.arrived)
    }

    func removeAll() {
        events.withLock { events in
            for event in events { unsafe libusb_unref_device(event.device) }
            events = []
        }
    }
}
