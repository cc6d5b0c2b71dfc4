import Synchronization
public import USBTransport

/// A virtual key: hardware with memory, a clock, counters and faults on demand. It is a test double and no security
/// device: its memory and its snapshots hold secrets as they are.
///
/// It may be used from several threads; each call is atomic.
public final class VirtualKey: Sendable {
    public let model: VirtualModel
    /// Eight decimal digits that begin with `serialPrefix`.
    public let serial: UInt32
    /// The key's USB side.
    let usb: VirtualReader<AnyChip>
    private let memoryWriter = Mutex<MemoryWriter?>(nil)

    /// Keeps a snapshot, or throws.
    public typealias MemoryWriter = @Sendable ([UInt8]) throws -> Void

    /// - Parameters:
    ///   - serial: a number outside of `serialNumbers` is brought into it by its last six digits, so that no virtual
    ///     key is ever taken for a real one.
    ///   - random: salts and challenges are one number each, its bytes from high to low.
    public convenience init(
        model: VirtualModel, serial: UInt32,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        let serial = Self.virtualSerial(serial)
        self.init(model: model, serial: serial, chip: model.profile.chip(serial: serial, random: random))
    }

    /// A key whose memory is that of a snapshot.
    public convenience init(
        restoring snapshot: [UInt8], random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) throws(VirtualKeyError) {
        let (snapshot, chip) = try KeySnapshot.restore(snapshot, random: random)
        self.init(model: snapshot.model, serial: snapshot.serial, chip: chip)
    }

    private init(model: VirtualModel, serial: UInt32, chip: any KeyChip) {
        (self.model, self.serial) = (model, serial)
        let descriptors =
            model.profile.serialString(serial).map(model.descriptors.with(serialNumber:)) ?? model.descriptors
        usb = VirtualReader(descriptors: descriptors, ccid: model.profile.ccid, card: AnyChip(chip: chip))
    }

    /// The chip, as it is now or to change it; nil where it is of another kind.
    func withChip<Chip: KeyChip, Result: Sendable>(
        _ kind: Chip.Type, _ body: (inout Chip) -> Result
    ) -> Result? {
        usb.withCard { card in
            guard var chip = card.chip as? Chip else { return nil }
            defer { card.chip = chip }
            return body(&chip)
        }
    }

    // MARK: Memory

    /// What the key keeps when power goes, as bytes that make the same key again: see `KeySnapshot`.
    public var snapshot: [UInt8] {
        KeySnapshot(model: model, serial: serial, content: usb.withCard { $0.chip.content }).bytes
    }

    /// Called with the new snapshot each time memory changes, before the key answers the command that changed it.
    /// Where it throws, the key keeps its old memory and says so as its kind does: a card answers memory failure (6581), a
    /// slot does not count the write. It runs while the key is locked, so it must not use the key.
    public var onMemoryWrite: MemoryWriter? {
        get { memoryWriter.withLock { $0 } }
        set {
            memoryWriter.withLock { $0 = newValue }
            let (model, serial) = (model, serial)
            usb.withCard { card in
                card.chip.onMemoryWrite = newValue.map { write in
                    { @Sendable (content: any KeyContent) throws -> Void in
                        try write(KeySnapshot(model: model, serial: serial, content: content).bytes)
                    }
                }
            }
        }
    }

    // MARK: Touch

    public var touch: TouchPolicy {
        get { usb.withCard { $0.chip.touch } }
        set { usb.withCard { $0.chip.touch = newValue } }
    }

    /// Touches that a command waited for and got.
    public var touchCount: Int { usb.withCard { $0.chip.touchCount } }

    /// Touches the key so that a slot types: on a YubiKey a short touch is slot 1, a long one slot 2.
    ///
    /// - Returns: the code of an OATH-HOTP slot without a token id, whose counter steps; a static password as keyboards of the
    ///   United States have it; nil for all else.
    public func type(slot: Int) -> String? { usb.withCard { $0.chip.type(slot: slot) } }

    /// What a key with a clock shows or types in a slot at that time.
    ///
    /// - Parameter unixTime: seconds since 1970.
    /// - Returns: nil for a slot without a code, and for a key that tells its codes to the host.
    public func code(slot: Int, at unixTime: UInt64) -> String? {
        usb.withCard { $0.chip.code(slot: slot, at: unixTime) }
    }

    /// What a key with a display shows for a credential at that time.
    ///
    /// - Parameters:
    ///   - name: issuer and account, with a colon between them.
    ///   - unixTime: seconds since 1970.
    /// - Returns: nil for a name without a code, and for a key without a display.
    public func code(name: String, at unixTime: UInt64) -> String? {
        usb.withCard { $0.chip.code(name: name, at: unixTime) }
    }

    // MARK: Serial numbers

    /// Numbers of real YubiKeys have eight digits at most and have not come near this range; the first two digits
    /// therefore tell a virtual key wherever its number is printed or stored.
    public static let serialPrefix = "99"
    public static let serialNumbers: ClosedRange<UInt32> = 99_000_000...99_999_999

    public static func isVirtual(serial: UInt32) -> Bool { serialNumbers.contains(serial) }

    /// The number in `serialNumbers` that has the last six digits of `number`.
    public static func virtualSerial(_ number: UInt32) -> UInt32 {
        serialNumbers.lowerBound + number % UInt32(serialNumbers.count)
    }
}

/// The USB side, said in short: see the same names in `VirtualReader`.
extension VirtualKey {
    public func open() throws(USBError) -> any USBDevice { try usb.open() }

    public func unplug() { usb.unplug() }

    public func plug() { usb.plug() }

    public var isPlugged: Bool { usb.isPlugged }

    public func description(at location: USBLocation, address: UInt8) -> USBDeviceDescription {
        usb.description(at: location, address: address)
    }

    public var descriptors: DescriptorSet { usb.descriptors }

    public var heldInterfaces: Set<UInt8> {
        get { usb.heldInterfaces }
        set { usb.heldInterfaces = newValue }
    }

    public var deniesAccess: Bool {
        get { usb.deniesAccess }
        set { usb.deniesAccess = newValue }
    }

    public var faults: FaultPlan {
        get { usb.faults }
        set { usb.faults = newValue }
    }

    public var clock: VirtualClock { usb.clock }

    public var transferCount: Int { usb.transferCount }

    public var transfers: [VirtualTransfer] { usb.transfers }

    public func kernelDriverAttached(_ interface: UInt8) -> Bool { usb.kernelDriverAttached(interface) }
}
