import SecretFormats
public import USBTransport

/// Token2 PIN+, Bio3 and Mini: FIDO keys with an application for one-time passwords, over their smart-card reader.
///
/// The same application is behind HID reports. They are left out: one source writes output reports to the FIDO interface and
/// says that feature reports fail there (framefilter/keyroost), the other feature reports and nothing else
/// (telesma-app/token2), and from R3.3 on keys come with that way switched off. What the sources say of the PIN that R3.4
/// brought differs too: the maker's published application answers in clear and takes entries as before, while clients that
/// tried keys, the maker's own among them, saw both under the agreed keys. The latter is what is written here, and answers are
/// read in both forms. Which exchange level the reader declares no source says.
public struct Token2PINPlus: DeviceFamily {
    public let name = "token2-pin"
    public let title = "Token2 PIN+"

    public init() {}

    /// The last digit tells which interfaces are on; with 0 to 2 the reader is not among them (LudovicRousseau/CCID,
    /// `supported_readers.txt`; libfido2, `udev/fidodevs`).
    public var usbIDs: [USBID] { Self.products(Self.withReader) }

    public var idleIDs: [USBID] { Self.products(Self.withoutReader) }

    public var features: FamilyFeatures { Self.features }

    static let features: FamilyFeatures = {
        let kind = FamilyFeatures.Kind(
            algorithms: [.sha1, .sha256], digits: Array(Credential.digitsRange),
            longestPeriod: Token2Wire.longestPeriod, proof: .codes)
        return FamilyFeatures(
            // A counter begins at 0 and nowhere else: there is no field for it.
            totp: kind, hotp: kind, maxCounter: 0, longestName: Token2Wire.longestName, names: .apartInASCII,
            // Over a reader the application computes codes of entries with button without one.
            touchRefusal: .touchNotEnforced,
            pins: [PINUse(.user, for: [.list, .write, .code, .delete], isAlwaysNeeded: false)], isExperimental: true,
            // Power on, SELECT, the PIN's state, serial number, all entries, the point, the entry, two codes, power off: two each.
            enrollmentTransfers: 2 * 10)
    }()

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        guard (usbIDs + idleIDs).contains(device.device.id) else { return nil }
        let hasReader = device.configuration.interfaces.contains { $0.ccid != nil }
        return Recognition(model: title, obstacle: hasReader ? nil : .readerMissing)
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
        let channel = APDUChannel(connection: connection, observer: options.observer)
        do throws(DeviceError) {
            let app = try Token2App(channel: channel, random: options.random)
            // Which release it is shows in the serial number only.
            let info = DeviceInfo(
                family: name, model: title, serial: try app.readSerial(), firmware: nil,
                location: description.location)
            return Token2PINPlusSession(
                device: info, app: app, longestCommand: channel.maxDataLength, options: options)
        } catch {
            channel.close()
            throw error
        }
    }

    private static let withReader: ClosedRange<UInt16> = 3...6
    private static let withoutReader: ClosedRange<UInt16> = 0...2
    private static let generations: [UInt16] = [0x0010, 0x0020, 0x0200]

    private static func products(_ digits: ClosedRange<UInt16>) -> [USBID] {
        generations.flatMap { first in digits.map { USBID(vendor: Token2Wire.vendor, product: first + $0) } }
    }
}
