import Synchronization
public import USBTransport

/// A virtual USB device with a CCID reader and a card in it: the part of a virtual key under the applets. On its own
/// it serves tests of a CCID host against readers and cards of any habits.
///
/// It may be used from several threads; each call is atomic.
public final class VirtualReader<Card: SmartCard>: Sendable {
    public let descriptors: DescriptorSet
    let hardware: Mutex<USBHardware<Card>>

    /// - Parameter ccid: nil for a device without a reader.
    public init(descriptors: DescriptorSet, ccid: CCIDProfile?, card: Card) {
        self.descriptors = descriptors
        hardware = Mutex(USBHardware(descriptors: descriptors, ccid: ccid, card: card))
    }

    /// A device with one interface, a reader of that profile: bulk OUT 0x01, bulk IN 0x81, interrupt IN 0x82.
    public convenience init(ccid: CCIDProfile, card: Card) throws(DescriptorError) {
        let plan = DescriptorPlan(
            id: Self.testProduct, deviceVersion: 0, manufacturer: "keyprov", product: "Virtual reader",
            interfaces: [
                DescriptorPlan.Interface(
                    .ccid(ccid),
                    endpoints: [
                        .init(Self.bulkOut, .bulk), .init(Self.bulkIn, .bulk),
                        .init(Self.interruptIn, .interrupt, packetSize: 8, interval: 32),
                    ])
            ])
        self.init(descriptors: try plan.descriptors(), ccid: ccid, card: card)
    }

    /// The card, as it is now or to change it.
    public func withCard<Result: Sendable>(_ body: (inout Card) -> Result) -> Result {
        hardware.withLock { body(&$0.reader.card) }
    }

    /// pid.codes sets this pair apart for tests.
    private static var testProduct: USBID { USBID(vendor: 0x1209, product: 0x0001) }
    private static var bulkOut: UInt8 { 0x01 }
    private static var bulkIn: UInt8 { 0x81 }
    private static var interruptIn: UInt8 { 0x82 }
}

/// What a test sees and does that no host could.
extension VirtualReader {
    /// A new process that opens the device.
    ///
    /// - Throws: `.access` where `deniesAccess` is set, `.noDevice` where it is unplugged.
    public func open() throws(USBError) -> any USBDevice {
        let handle = try hardware.withLock { hardware throws(USBError) in try hardware.open() }
        return VirtualHandle(self, handle)
    }

    /// Pulls the device out: volatile state is lost, and every handle has `.noDevice` from now on.
    public func unplug() { hardware.withLock { $0.unplug() } }

    public func plug() { hardware.withLock { $0.plug() } }

    public var isPlugged: Bool { hardware.withLock { $0.isPlugged } }

    /// How often it was plugged in, the first time included.
    public var plugCount: Int { hardware.withLock { $0.plugCount } }

    /// Interfaces held by a program that is not there, such as pcscd: a claim of one is `.busy`.
    public var heldInterfaces: Set<UInt8> {
        get { hardware.withLock { $0.heldInterfaces } }
        set { hardware.withLock { $0.heldInterfaces = newValue } }
    }

    public var deniesAccess: Bool {
        get { hardware.withLock { $0.deniesAccess } }
        set { hardware.withLock { $0.deniesAccess = newValue } }
    }

    public var faults: FaultPlan {
        get { hardware.withLock { $0.faults } }
        set { hardware.withLock { $0.faults = newValue } }
    }

    public var clock: VirtualClock { hardware.withLock { $0.clock } }

    /// Reads, writes and control transfers of all handles, the failed ones too.
    public var transferCount: Int { hardware.withLock { $0.transferCount } }

    public var transfers: [VirtualTransfer] { hardware.withLock { $0.transfers } }

    /// Whether the host's own driver has the interface: a HID interface that nobody claimed.
    public func kernelDriverAttached(_ interface: UInt8) -> Bool {
        hardware.withLock { $0.kernelDriverAttached(interface) }
    }

    /// - Parameter address: number that the bus gave at this plug-in.
    public func description(at location: USBLocation, address: UInt8) -> USBDeviceDescription {
        USBDeviceDescription(
            location: location, address: address, device: descriptors.device,
            configuration: descriptors.configuration)
    }
}
