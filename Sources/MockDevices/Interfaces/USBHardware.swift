import USBTransport

/// A virtual device below its handles: the state that the kernel of the host and the chip of the key would hold.
/// Transfers are in `USBHardware+Transfers`, control requests in `USBHardware+Control`.
struct USBHardware<Card: SmartCard>: Sendable {
    let descriptors: DescriptorSet
    var clock = VirtualClock()
    var reader: CCIDReader<Card>
    var faults = FaultPlan.none
    /// Interfaces that a program outside of the test holds, as pcscd does.
    var heldInterfaces: Set<UInt8> = []
    var deniesAccess = false

    private(set) var isPlugged = true
    /// How often the key was plugged in; a handle is good for one of them.
    private(set) var plugCount = 1
    private(set) var transfers: [VirtualTransfer] = []
    private(set) var transferCount = 0
    /// The same by endpoint address, control transfers under 0.
    private(set) var endpointCounts: [UInt8: Int] = [:]
    var haltedEndpoints: Set<UInt8> = []
    /// Input reports on their way to the host, by endpoint address.
    var reportPipes: [UInt8: InboundPipe] = [:]
    private var claims: [UInt8: Int] = [:]
    private var lastHandle = 0

    /// A process that has the device open.
    struct Handle: Hashable {
        let number: Int
        let plugCount: Int
        var transferCount = 0
    }

    /// - Parameter ccid: nil for a device without a reader.
    init(descriptors: DescriptorSet, ccid: CCIDProfile?, card: Card) {
        self.descriptors = descriptors
        let interface = descriptors.configuration.interfaces.first { $0.interfaceClass == .smartCard }
        reader = CCIDReader(
            profile: ccid ?? .none, card: card,
            bulkPacketSize: interface?.endpoint(.bulk, in: .in)?.maxPacketSize ?? Self.fullSpeedPacket,
            interruptPacketSize: interface?.endpoint(.interrupt, in: .in)?.maxPacketSize ?? Self.fullSpeedPacket)
        reader.plugIn()
    }

    // MARK: Plugging

    mutating func unplug() {
        guard isPlugged else { return }
        isPlugged = false
        losePower()
        claims = [:]
    }

    /// A reset of the bus (USB 2.0, section 7.1.7.5): the device begins anew and stays where it is.
    mutating func reset() {
        guard isPlugged else { return }
        losePower()
        reader.plugIn()
    }

    private mutating func losePower() {
        reader.losePower()
        haltedEndpoints = []
        reportPipes = [:]
    }

    mutating func plug() {
        guard !isPlugged else { return }
        isPlugged = true
        plugCount += 1
        reader.plugIn()
    }

    // MARK: Handles

    mutating func open() throws(USBError) -> Handle {
        guard isPlugged else { throw USBError(.noDevice, during: .open) }
        guard !deniesAccess else { throw USBError(.access, during: .open) }
        lastHandle += 1
        return Handle(number: lastHandle, plugCount: plugCount)
    }

    mutating func claim(_ number: UInt8, by handle: Handle) throws(USBError) {
        let operation = USBError.Operation.claim(interface: number)
        try requirePresence(handle, operation)
        guard descriptors.interface(number) != nil else { throw USBError(.notFound, during: operation) }
        let holder = claims[number]
        guard !heldInterfaces.contains(number), holder == nil || holder == handle.number else {
            throw USBError(.busy, during: operation)
        }
        claims[number] = handle.number
    }

    mutating func close(_ handle: Handle) {
        guard handle.plugCount == plugCount else { return }
        claims = claims.filter { $0.value != handle.number }
    }

    /// Linux binds a driver to HID interfaces and to no smart-card interface; a claim detaches it until `close`.
    func kernelDriverAttached(_ number: UInt8) -> Bool {
        isPlugged && descriptors.interface(number)?.interfaceClass == .hid && claims[number] == nil
            && !heldInterfaces.contains(number)
    }

    func requirePresence(_ handle: Handle, _ operation: USBError.Operation) throws(USBError) {
        guard isPlugged, handle.plugCount == plugCount else { throw USBError(.noDevice, during: operation) }
    }

    /// The kernel would take an interface without a driver by itself when it is used. A program that relies on this
    /// fails where a driver is bound, so here nothing is used unclaimed. libusb reports the refusal as an I/O error.
    func requireClaim(
        _ interface: UInt8, by handle: Handle, _ operation: USBError.Operation
    ) throws(USBError) {
        guard isClaimed(interface, by: handle) else { throw USBError(.io, during: operation) }
    }

    func isClaimed(_ interface: UInt8, by handle: Handle) -> Bool { claims[interface] == handle.number }

    mutating func clearHalt(_ endpoint: UInt8) { haltedEndpoints.remove(endpoint) }

    // MARK: Books

    mutating func record(
        _ target: VirtualTransfer.Target, _ direction: VirtualTransfer.Direction, byteCount: Int, error: USBError?
    ) {
        transfers.append(
            VirtualTransfer(target: target, direction: direction, byteCount: byteCount, error: error?.code))
    }

    /// - Parameter endpoint: nil for a control transfer.
    /// - Returns: the fault that a plan that counts over the life of the key has for this transfer.
    mutating func countTransfer(on endpoint: UInt8?) -> Fault? {
        transferCount += 1
        endpointCounts[endpoint ?? 0, default: 0] += 1
        return faults.counting == .key ? faults.faults[transferCount] : nil
    }

    /// Counts a transfer and plays the faults that keep it from taking place.
    ///
    /// - Returns: a fault to play while or after it takes place.
    mutating func begin(
        _ operation: USBError.Operation, by handle: inout Handle, timeout: Duration, endpoint: UInt8?
    ) throws(USBError) -> Fault? {
        let faultByKey = countTransfer(on: endpoint)
        handle.transferCount += 1
        try requirePresence(handle, operation)
        let faultByHandle = faults.counting == .handle ? faults.faults[handle.transferCount] : nil
        switch faultByKey ?? faultByHandle {
        case .stall:
            if let endpoint { haltedEndpoints.insert(endpoint) }
            throw USBError(.stall, during: operation)
        case .timeout:
            clock.advance(by: timeout)
            throw USBError(.timeout, during: operation)
        case .unplugBefore:
            unplug()
            throw USBError(.noDevice, during: operation)
        case .busy: throw USBError(.busy, during: operation)
        case let fault: return fault
        }
    }

    private static var fullSpeedPacket: Int { 64 }
}
