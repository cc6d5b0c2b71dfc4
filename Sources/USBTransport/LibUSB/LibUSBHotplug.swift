import CLibUSB
import Glibc
import Synchronization

/// Arrivals and removals, in order, for `LibUSBHost.nextChange`.
final class LibUSBHotplug: Sendable {
    private struct State {
        var registration: libusb_hotplug_callback_handle?
        /// What was reported as arrived, by the identity of the reference, which keeps that from being used again:
        /// what a removed device was cannot be asked any more.
        var present: [UInt: (reference: LibUSBDeviceReference, description: USBDeviceDescription)] = [:]
    }

    private let context: LibUSBContext
    private let state = Mutex(State())

    init(_ context: LibUSBContext) { self.context = context }

    deinit {
        if let registration = state.withLock({ $0.registration }) {
            unsafe libusb_hotplug_deregister_callback(context.pointer, registration)
        }
    }

    func next(timeout: Duration) throws(USBError) -> USBChange? {
        try register()
        let start = ContinuousClock.now
        var hasLooked = false
        while true {
            while let event = context.hotplugQueue.next(of: context) {
                if let change = change(event.device, arrived: event.arrived) { return change }
            }
            let left = timeout - (ContinuousClock.now - start)
            guard left > .zero || !hasLooked else { return nil }
            // Returns after each event of any kind and at signals, so time is counted and not the rounds.
            let (seconds, microseconds) = left.wholeMicroseconds
            var interval = timeval(tv_sec: seconds, tv_usec: microseconds)
            let result = unsafe libusb_handle_events_timeout_completed(context.pointer, &interval, nil)
            if result != USBError.Code.interrupted.rawValue { try USBError.check(result, during: .hotplug) }
            hasLooked = true
        }
    }

    /// Asks for events, once. Those for attached devices come before this returns.
    private func register() throws(USBError) {
        try state.withLock { state throws(USBError) in
            guard state.registration == nil else { return }
            guard libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG.rawValue) != 0 else {
                throw USBError(.notSupported, during: .hotplug)
            }
            var registration = libusb_hotplug_callback_handle()
            let result = unsafe libusb_hotplug_register_callback(
                context.pointer,
                Int32(LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue),
                Int32(LIBUSB_HOTPLUG_ENUMERATE.rawValue),
                LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                Self.callback, Unmanaged.passUnretained(context.hotplugQueue).toOpaque(), &registration)
            try USBError.check(result, during: .hotplug)
            state.registration = registration
        }
    }

    /// Returns 0: any other value would end the registration.
    private static let callback: libusb_hotplug_callback_fn = { _, device, event, queue in
        guard let device = unsafe device, let queue = unsafe queue else { return 0 }
        unsafe Unmanaged<HotplugQueue>.fromOpaque(queue).takeUnretainedValue()
            .append(device, arrived: event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED)
        return 0
    }

    /// - Returns: nil for an arrival told twice, which libusb warns of, for a device that does not describe itself, and
    ///   for the removal of one that was not reported.
    private func change(_ device: LibUSBDeviceReference, arrived: Bool) -> USBChange? {
        state.withLock { state in
            if !arrived { return state.present.removeValue(forKey: device.identity).map { .left($0.description) } }
            guard state.present[device.identity] == nil, let description = device.describe() else { return nil }
            state.present[device.identity] = (device, description)
            return .arrived(description)
        }
    }
}
