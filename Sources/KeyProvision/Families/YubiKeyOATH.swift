import SecretFormats
public import USBTransport

/// YubiKey NEO, 4 and 5 through their OATH application.
///
/// Firmware and serial number come over the same smart-card interface, so that no other interface has to be claimed and
/// no time is lost in switching (firmware before 5.6 wants 3 s between interfaces).
public struct YubiKeyOATH: DeviceFamily {
    public let name = "yubikey"
    public let title = "YubiKey (OATH application)"

    public init() {}

    public var usbIDs: [USBID] {
        YubiKeyProduct.all.filter(\.hasCCID).map(\.id)
    }

    public var idleIDs: [USBID] {
        YubiKeyProduct.all.filter { $0.generation.canHaveCCID && !$0.hasCCID }.map(\.id)
    }

    public var features: FamilyFeatures { Self.features }

    static let features: FamilyFeatures = {
        let kind = FamilyFeatures.Kind(
            algorithms: HashAlgorithm.allCases, digits: Array(Credential.digitsRange), proof: .full)
        return FamilyFeatures(
            totp: kind, hotp: kind,
            // A NEO is bounded by bytes, not by a number (its applet's list buffer).
            capacitySince: [Version(4, 0, 0): 32, OATHFeature.moreCredentials.minimum: 64],
            maxCounter: UInt64(UInt32.max), longestName: YKOATH.maxNameLength,
            touch: .since(OATHFeature.touch.minimum), renaming: .since(OATHFeature.rename.minimum),
            accessCode: .application, algorithmsSince: [.sha512: OATHFeature.sha512.minimum],
            // Power on, SELECT and read of the identity, SELECT, LIST, PUT, CALCULATE, power off: two each.
            enrollmentTransfers: 16)
    }()

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        guard let product = YubiKeyProduct.with(device.device.id), product.generation.canHaveCCID,
            !PicoFIDO.isDisguised(device)
        else { return nil }
        return product.recognition(of: device.device, needing: "CCID", isThere: product.hasCCID)
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let generation = YubiKeyProduct.with(description.device.id)?.generation ?? .four
        let connection = try Self.connect(device, description, generation)
        let channel = APDUChannel(connection: connection, observer: options.observer)
        do throws(DeviceError) {
            var identity =
                switch generation {
                case .neo: try YubiKeyOTPApplet.readIdentity(over: channel)
                default: try YubiKeyManagement.readIdentity(over: channel)
                }
            let oath = try Self.select(over: channel, description.device)
            // Device info of firmware 4 leaves the version out; there the applet's version is the firmware's.
            if generation == .four { identity.firmware = identity.firmware ?? oath.selected.version }
            let info = DeviceInfo(
                family: name, model: identity.model(generation), serial: identity.serial.map(String.init),
                firmware: identity.firmware, location: description.location)
            return OATHKeySession(
                device: info, oath: oath, features: features, capacity: features.capacity(of: oath.selected.version),
                options: options)
        } catch {
            channel.close()
            throw error
        }
    }

    private static func select(
        over channel: APDUChannel, _ device: DeviceDescriptor
    ) throws(DeviceError) -> OATHSession {
        do throws(DeviceError) {
            return try OATHSession(channel: channel)
        } catch .applicationNotAvailable(let step, _) {
            let isSwitched = YubiKeyProduct.with(device.id)?.switchesApplications(device) ?? false
            throw .applicationNotAvailable(step, switchedBy: isSwitched ? .applications : nil)
        }
    }

    static func connect(
        _ device: any USBDevice, _ description: USBDeviceDescription, _ generation: YubiKeyProduct.Generation
    ) throws(DeviceError) -> any SmartCardConnection {
        let connection: CCIDConnection
        do throws(ConnectionError) {
            connection = try CCIDConnection(device: device, configuration: description.configuration)
        } catch {
            throw .connection(error, during: .connecting)
        }
        let bcdDevice = Version(bcd: description.device.deviceVersion)
        return TouchWorkaround.applies(to: bcdDevice) ? TouchWorkaround(connection) : connection
    }
}

extension Version {
    /// From `bcdDevice`, where YubiKeys carry their firmware version: `0x0543` is 5.4.3.
    init(bcd: UInt16) {
        self.init(
            UInt8(truncatingIfNeeded: bcd >> 8), UInt8(truncatingIfNeeded: bcd >> 4 & Self.nibble),
            UInt8(truncatingIfNeeded: bcd & Self.nibble))
    }

    private static let nibble: UInt16 = 0x0F
}
