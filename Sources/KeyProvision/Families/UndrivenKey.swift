import SecretFormats
public import USBTransport

/// Keys that are known by their USB ids and are not written to: what they are and why not.
///
/// They open no session and get no udev rule. A person who plugs one in is told what is so and which way remains.
public struct UndrivenKey: DeviceFamily {
    public let name: String
    public let title: String
    public let reason: Reason
    /// Those that tell the product; none where they are not published.
    public let knownIDs: [USBID]
    /// A vendor all of whose devices with a HID interface this stands for, where nothing closer is known.
    public let vendor: UInt16?

    /// Why a key is not written to.
    public enum Reason: Hashable, Sendable {
        /// The maker publishes no protocol for one-time passwords.
        ///
        /// - program: what the maker offers for it, where that is known.
        case closed(program: String?)
        /// Its secrets come over Bluetooth from a server, in a closed protocol.
        case filledByServer
        /// Its reader carries the blocks of T=1 (ISO 7816-3) and no whole commands.
        case needsBlockProtocol
        /// It takes HOTP, tells no code, and nobody says with which counter a new secret begins.
        case unknownFirstCounter
        /// It tells nobody what is on it, so that a write could take the place of something unseen.
        case listsNothing
        /// An id that a maker of boards gives to whatever is built on them, and a firmware that answers elsewhere than the later
        /// ones.
        ///
        /// - key: the one that is known to show it.
        case board(key: String)
        /// It computes no one-time passwords at all.
        case withoutOneTimePasswords(madeFor: Purpose)
        /// Its firmware does not run, and its boot loader waits for another one.
        ///
        /// - start: a command of the maker that starts the firmware, where there is one.
        case bootLoader(start: String?)
        /// A boot loader that a chip comes with, under the ids of the chip's maker.
        ///
        /// - keys: those that are known to show it.
        /// - start: as above, for one of these keys.
        case bootLoaderOfChip(keys: String, start: String?)
    }

    /// What a key is made for instead.
    public enum Purpose: Hashable, Sendable {
        case fido
        /// Passwords, derived from a seed.
        case passwords
    }

    /// - Parameter products: by vendor id.
    init(
        name: String, title: String, reason: Reason, products: [UInt16: [UInt16]] = [:], vendor: UInt16? = nil
    ) {
        (self.name, self.title, self.reason, self.vendor) = (name, title, reason, vendor)
        knownIDs = products.flatMap { vendor, products in products.map { USBID(vendor: vendor, product: $0) } }.sorted()
    }

    /// None is driven.
    public var usbIDs: [USBID] { [] }

    public var features: FamilyFeatures { FamilyFeatures(maxCounter: 0) }

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        let isOfVendor =
            device.device.id.vendor == vendor
            && device.configuration.interfaces.contains { $0.interfaceClass == .hid }
        guard knownIDs.contains(device.device.id) || isOfVendor else { return nil }
        return Recognition(model: title, obstacle: .notDriven(reason))
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        device.close()
        throw .applicationNotAvailable(.connecting)
    }
}
