import Synchronization
public import USBTransport

/// A bus of virtual keys. The keys sit on bus 1 at the root hub's ports, in the order in which they were given:
/// 1-1, 1-2, and so on; each plug-in gives the key the next address, as Linux does.
///
/// It may be used from several threads: two threads that each drive a key do not wait for each other.
public final class VirtualHost: USBHost, Sendable {
    private let state: Mutex<VirtualPorts>

    /// - Parameter keys: those that are unplugged have their port all the same.
    public init(_ keys: [VirtualKey]) {
        var state = VirtualPorts()
        for key in keys { state.add(key) }
        self.state = Mutex(state)
    }

    /// Plugs a key in; one that is not of this bus gets the next port.
    public func plug(_ key: VirtualKey) {
        state.withLock { state in
            if !state.sockets.contains(where: { $0.key === key }) { state.add(key) }
            key.plug()
            state.look()
        }
    }

    public func unplug(_ key: VirtualKey) {
        state.withLock { state in
            key.unplug()
            state.look()
        }
    }

    public func devices() throws(USBError) -> [USBDeviceDescription] {
        state.withLock { state in
            state.look()
            return state.sockets.compactMap(\.seen?.description)
        }
    }

    public func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice {
        let key = state.withLock { state -> VirtualKey? in
            state.look()
            return state.sockets.first { $0.seen?.description == description }?.key
        }
        guard let key else { throw USBError(.noDevice, during: .open) }
        return try key.open()
    }

    /// - Returns: the next event; nil after `timeout` of virtual time, which is at once.
    public func nextChange(timeout: Duration) throws(USBError) -> USBChange? {
        state.withLock { state in
            state.look()
            guard !state.events.isEmpty else {
                state.clock.advance(by: timeout)
                return nil
            }
            return state.events.removeFirst()
        }
    }

    /// The time that passed in `nextChange`.
    public var clock: VirtualClock { state.withLock { $0.clock } }
}

/// The ports of the bus and what has been seen at them.
private struct VirtualPorts {
    private(set) var sockets: [Socket] = []
    var events: [USBChange] = []
    var clock = VirtualClock()
    private var lastAddress: UInt8 = 1

    /// A port with the key that belongs to it.
    struct Socket {
        let key: VirtualKey
        let location: USBLocation
        /// What the host last saw there; nil for an empty port.
        var seen: (plugCount: Int, description: USBDeviceDescription)?
    }

    mutating func add(_ key: VirtualKey) {
        let (bus, port) = sockets.count.quotientAndRemainder(dividingBy: Self.portsPerBus)
        let location = USBLocation(
            bus: UInt8(truncatingIfNeeded: bus + 1), ports: [UInt8(truncatingIfNeeded: port + 1)])
        sockets.append(Socket(key: key, location: location))
        look()
    }

    /// Notes what came and went since the last look, also where a key was pulled without the host being told.
    mutating func look() {
        for index in sockets.indices {
            let socket = sockets[index]
            let plugCount = socket.key.isPlugged ? socket.key.usb.plugCount : nil
            guard socket.seen?.plugCount != plugCount else { continue }
            if let gone = socket.seen?.description { events.append(.left(gone)) }
            sockets[index].seen = nil
            guard let plugCount else { continue }
            lastAddress = lastAddress % Self.highestAddress + 1
            let description = socket.key.description(at: socket.location, address: lastAddress)
            sockets[index].seen = (plugCount, description)
            events.append(.arrived(description))
        }
    }

    /// The most that a hub can have (USB 2.0, section 11.23.2.1).
    private static let portsPerBus = 255
    private static let highestAddress: UInt8 = 127
}
