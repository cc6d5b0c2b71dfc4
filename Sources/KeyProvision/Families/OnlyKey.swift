import SecretFormats
public import USBTransport

/// OnlyKey and OnlyKey Duo: slots that type a TOTP code at the press of a button.
///
/// The key tells no code over USB. What is known after a write is that it said so and that it shows the label. Its keys for
/// HMAC-SHA1 do answer over USB, and hash no challenge as short as a counter of 8 bytes (trustcrypto/libraries,
/// `onlykey/okcrypto.cpp`, `okcrypto_hmacsha1`): they compute no TOTP and are left alone.
public struct OnlyKey: DeviceFamily {
    public let name = "onlykey"
    public let title = "OnlyKey"

    public init() {}

    public let usbIDs = [USBID(vendor: OnlyKeyWire.vendor, product: OnlyKeyWire.product)]

    public var features: FamilyFeatures { Self.features }

    /// Those of the Duo, which has more slots.
    static let features = FamilyFeatures(
        totp: .init(algorithms: [.sha1], digits: [6], periods: [30], proof: .labelOnly),
        longestSecret: OnlyKeyWire.longestKey, maxCounter: 0, slots: OnlyKeyWire.duoSlots,
        slotNames: "1a to 6a, then 1b to 6b; on the Duo 1a to 3a, then 1b to 3b, of green, blue, yellow, purple",
        deletionEmptiesPlace: true, longestName: OnlyKeyWire.longestLabel, renaming: .always,
        // Two report descriptors; time, key and label out and in; twice the labels of twelve slots.
        leastTransfers: 2 + 3 * 2 + 2 * (1 + OnlyKeyWire.slots.count))

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        usbIDs.contains(device.device.id) ? Recognition(model: title, obstacle: nil) : nil
    }

    /// - Throws: `.lockedOnKey` before its PIN was typed, `.notSetUp` before it got one.
    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let connection = try Self.connect(device, description)
        do throws(DeviceError) {
            let channel = try OnlyKeyChannel(connection, unixTime: options.unixTime)
            // Each says the same serial number of itself, which therefore is none.
            let info = DeviceInfo(
                family: name, model: channel.state.isDuo ? "OnlyKey Duo" : "OnlyKey", serial: nil,
                firmware: channel.state.firmware, location: description.location)
            return OnlyKeySession(device: info, channel: channel)
        } catch {
            connection.close()
            throw error
        }
    }

    private static func connect(
        _ device: any USBDevice, _ description: USBDeviceDescription
    ) throws(DeviceError) -> any PacketConnection {
        do throws(ConnectionError) {
            return try HIDPacketConnection(
                device: device, configuration: description.configuration, usage: OnlyKeyWire.usage,
                packetLength: OnlyKeyWire.reportLength)
        } catch {
            throw .connection(error, during: .connecting)
        }
    }
}
