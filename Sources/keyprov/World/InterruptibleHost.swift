import USBTransport

/// A bus on which waiting ends with `.interrupted` once a signal asked the program to end.
final class InterruptibleHost: USBHost, Sendable {
    private let host: any USBHost
    private let isInterrupted: @Sendable () -> Bool

    /// Between two looks at the note while nothing happens on the bus. A signal that comes right before the wait does
    /// not end it, so this is how long a person waits after Ctrl-C at most.
    private static let interval: Duration = .milliseconds(500)

    init(_ host: any USBHost, isInterrupted: @escaping @Sendable () -> Bool) {
        self.host = host
        self.isInterrupted = isInterrupted
    }

    func devices() throws(USBError) -> [USBDeviceDescription] { try host.devices() }

    func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice {
        InterruptibleDevice(try host.open(description), isInterrupted: isInterrupted)
    }

    func nextChange(timeout: Duration) throws(USBError) -> USBChange? {
        var left = timeout
        repeat {
            guard !isInterrupted() else { throw USBError(.interrupted, during: .hotplug) }
            if let change = try host.nextChange(timeout: min(left, Self.interval)) { return change }
            left -= Self.interval
        } while left > .zero
        return nil
    }
}

/// A device whose next transfer fails with `.interrupted` once a signal came.
///
/// Only that one: the transfers after it are those that clean up, and they must reach the device. A transfer that has
/// begun goes on to its end, which is seconds away at most.
final class InterruptibleDevice: USBDevice {
    private let device: any USBDevice
    private let isInterrupted: @Sendable () -> Bool
    private var hasSaidSo = false

    init(_ device: any USBDevice, isInterrupted: @escaping @Sendable () -> Bool) {
        self.device = device
        self.isInterrupted = isInterrupted
    }

    func claimInterface(_ number: UInt8) throws(USBError) {
        try check(.claim(interface: number))
        try device.claimInterface(number)
    }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        try check(.control(request: setup.request))
        return try device.control(setup, data: data, timeout: timeout)
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        try check(.write(endpoint: endpoint))
        try device.write(bytes, to: endpoint, timeout: timeout)
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        try check(.read(endpoint: endpoint))
        return try device.read(upTo: count, from: endpoint, timeout: timeout)
    }

    func pause(for duration: Duration) { device.pause(for: duration) }

    func close() { device.close() }

    private func check(_ operation: USBError.Operation) throws(USBError) {
        guard !hasSaidSo, isInterrupted() else { return }
        hasSaidSo = true
        throw USBError(.interrupted, during: operation)
    }
}
