public import SecretFormats
public import USBTransport

/// Devices that share code: which they are on the bus, and how to talk to one.
public protocol DeviceFamily: Sendable {
    /// Word for scripts, e.g. `yubikey`.
    var name: String { get }
    /// Words for people.
    var title: String { get }
    /// Products that this family drives; the udev rules are made from them. Two families may drive one product by
    /// different applications of it.
    var usbIDs: [USBID] { get }
    /// Products of this family that are recognized with what it is driven by switched off.
    var idleIDs: [USBID] { get }
    /// What its devices take, whatever their firmware.
    var features: FamilyFeatures { get }

    /// - Returns: nil where the device is not of this family.
    func recognize(_ device: USBDeviceDescription) -> Recognition?

    /// Takes over an opened device. It is closed with the session, and when this throws.
    func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession
}

extension DeviceFamily {
    public var idleIDs: [USBID] { [] }
}

/// A device of a family, by what the bus tells of it.
public struct Recognition: Hashable, Sendable {
    public let model: String
    /// Why it cannot be used as it is plugged in.
    public let obstacle: Obstacle?

    public enum Obstacle: Hashable, Sendable {
        /// The interface that we need is switched off on the key.
        case interfaceDisabled(String, by: Switch)
        /// It shows its FIDO interface and no other: the others are switched off, or the model has none.
        case fidoAlone
        /// It shows no smart-card reader: the model has none, or it is switched off.
        case readerMissing
        /// It is known, and not written to.
        case notDriven(UndrivenKey.Reason)
    }

    /// In what steps a key switches its interfaces.
    public enum Switch: Hashable, Sendable {
        /// One application at a time.
        case applications
        /// All interfaces at once, by the number of a mode.
        case modes
    }
}

/// What a session takes from its surroundings.
public struct SessionOptions {
    /// For challenges, and for keys and vectors that hide what is sent; never for what is written to a key.
    public var random: any RandomSource
    public var observer: APDUObserver?
    /// For keys that have a clock to set, in seconds since 1970.
    public var unixTime: UInt64
    /// Called before the device waits for a touch in anything but a write, which says so by its steps.
    public var onTouch: () -> Void
    /// The same where the device does not tell beforehand whether it is going to wait.
    public var onPossibleTouch: () -> Void

    public init(
        random: any RandomSource = SystemRandom(), observer: APDUObserver? = nil,
        unixTime: UInt64 = SystemClock.unixTime, onTouch: @escaping () -> Void = {},
        onPossibleTouch: @escaping () -> Void = {}
    ) {
        self.random = random
        self.observer = observer
        self.unixTime = unixTime
        self.onTouch = onTouch
        self.onPossibleTouch = onPossibleTouch
    }
}

/// A device as it described itself.
public struct DeviceInfo: Hashable, Sendable {
    public let family: String
    public let model: String
    public let serial: String?
    public let firmware: Version?
    public let location: USBLocation
}
