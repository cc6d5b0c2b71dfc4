import SecretFormats
public import USBTransport

/// Token2 Molto2: a hundred profiles that show TOTP codes on a display.
///
/// It tells no code over USB. What is known after a write is what the device tells of a profile: that there is a secret in it,
/// its title, hash, digits and time step.
public struct Molto2: DeviceFamily {
    public let name = "molto2"
    public let title = "Token2 Molto2"

    public init() {}

    public var usbIDs: [USBID] {
        [
            USBID(vendor: Molto2Wire.vendor, product: Molto2Wire.product),
            USBID(vendor: Molto2Wire.earlyVendor, product: Molto2Wire.earlyProduct),
        ]
    }

    public var features: FamilyFeatures { Self.features }

    static let features = FamilyFeatures(
        totp: .init(algorithms: [.sha1, .sha256], digits: [6, 8], periods: [30, 60], proof: .labelOnly),
        longestSecret: Molto2Wire.longestSeed, maxCounter: 0, slots: Molto2Wire.profiles,
        longestName: Molto2Wire.longestTitle, renaming: .always, isExperimental: true,
        // Power, serial number, profile, challenge, its answer, seed, title, configuration, profile, power: out and in.
        leastTransfers: 2 * 10)

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        usbIDs.contains(device.device.id) ? Recognition(model: title, obstacle: nil) : nil
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let connection: CCIDConnection
        do throws(ConnectionError) {
            connection = try CCIDConnection(device: device, configuration: description.configuration)
        } catch {
            throw .connection(error, during: .connecting)
        }
        let channel = Molto2Channel(APDUChannel(connection: connection, observer: options.observer))
        do throws(DeviceError) {
            // It tells no firmware version.
            let info = DeviceInfo(
                family: name, model: title, serial: try channel.readInfo().serial, firmware: nil,
                location: description.location)
            return Molto2Session(device: info, channel: channel, unixTime: options.unixTime)
        } catch {
            channel.close()
            throw error
        }
    }
}
