import ByteBuffers
import SecretFormats
public import USBTransport

/// Mooltipass BLE: a password keeper with a display and a card, whose logins may have a TOTP each.
///
/// Experimental, because no key was part of the tests and some of its messages rest on one source: `GET_TOTP_CODE` stands in
/// the maker's client (mooltipass/moolticute, pull request 1028), and one user found other codes in its answers than on the
/// display, with bundle 12 (mooltipass/minible, issue 372; closed, without a cause that we could read). On such a key the
/// proof fails, and says so.
///
/// A person approves on the display what is listed, written and computed. That is four approvals for an enrollment: one to
/// look for the name, one to write, and two codes.
public struct MooltipassBLE: DeviceFamily {
    public let name = "mooltipass"
    public let title = "Mooltipass BLE"

    public init() {}

    public var usbIDs: [USBID] { [USBID(vendor: MooltipassWire.vendor, product: MooltipassWire.product)] }

    public var features: FamilyFeatures { Self.features }

    static let features = FamilyFeatures(
        totp: .init(
            algorithms: [.sha1], digits: Array(Credential.digitsRange), periods: [MooltipassWire.period], proof: .codes),
        maxCounter: 0, longestName: MooltipassWire.Room.login - 1, names: .apartInBMP, approvesOnDisplay: true,
        codesSince: MooltipassWire.firstWithCodes,
        isExperimental: true,
        // A report descriptor, reset and a glance; status, platform and date; four messages of management mode; a secret of
        // eight packets, two codes, and looks between them.
        leastTransfers: 1 + 2 + 3 * 2 + 4 * 2 + 8 + 1 + 2 * 2 + 2 * MooltipassBLESession.looksBetweenCodes)

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        usbIDs.contains(device.device.id) ? Recognition(model: title, obstacle: nil) : nil
    }

    /// - Throws: `.cardMissing`, `.lockedOnKey`, `.managedElsewhere`, `.notSetUp`: what keeps the key from answering.
    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        guard let date = MooltipassDate(unixTime: options.unixTime) else {
            device.close()
            throw .notSupported(.clockOutOfRange(MooltipassWire.years))
        }
        let connection = try Self.connect(device, description)
        do throws(DeviceError) {
            let channel = try MooltipassChannel(connection)
            try channel.requireReady(during: .identifying)
            let platform = try Self.platform(channel)
            // Now and not later: approvals take their time, and the key's clock is to be right.
            guard try channel.isDone(.setDate(date), during: .connecting) else {
                throw .refusedByKey(during: .connecting)
            }
            let info = DeviceInfo(
                family: name, model: title, serial: String(platform.serial), firmware: platform.firmware,
                location: description.location)
            return MooltipassBLESession(device: info, channel: channel, options: options)
        } catch {
            connection.close()
            throw error
        }
    }

    private static func platform(_ channel: MooltipassChannel) throws(DeviceError) -> MooltipassPlatform {
        let payload = try channel.answer(to: .platformInfo, during: .identifying)
        do throws(ByteReader.EndOfBytes) {
            return try MooltipassPlatform(payload)
        } catch {
            throw .malformedResponse(during: .identifying)
        }
    }

    private static func connect(
        _ device: any USBDevice, _ description: USBDeviceDescription
    ) throws(DeviceError) -> any PacketConnection {
        do throws(ConnectionError) {
            return try HIDPacketConnection(
                device: device, configuration: description.configuration, usage: MooltipassWire.usage,
                packetLength: MooltipassWire.Packet.length)
        } catch {
            throw .connection(error, during: .connecting)
        }
    }
}
