import SecretFormats
public import USBTransport

/// YubiKeys through the two slots of their OTP application, over the keyboard interface.
///
/// A slot with HMAC-SHA1 computes TOTP from a challenge; one with OATH-HOTP types its codes at a touch and tells nothing
/// over USB. Firmware and serial number come over the same interface: firmware before 5.6 wants 3 s between interfaces.
public struct YubiKeySlots: DeviceFamily {
    public let name = "yubikey-slots"
    public let title = "YubiKey (OTP slots)"

    public init() {}

    public var usbIDs: [USBID] {
        YubiKeyProduct.all.filter(\.hasOTP).map { USBID(vendor: YubiKeyProduct.vendor, product: $0.product) }
    }

    public var features: FamilyFeatures { Self.features }

    /// For TOTP the host cuts the code out of the HMAC, so any number of digits will do.
    static let features = FamilyFeatures(
        totp: .init(algorithms: [.sha1], digits: Array(Credential.digitsRange), proof: .full),
        hotp: .init(algorithms: [.sha1], digits: [6, 8], proof: .writeOnly),
        longestSecret: OTPConfiguration.longestKey, counterStep: UInt64(OTPConfiguration.counterStep),
        maxCounter: UInt64(OTPConfiguration.maxCounter), slots: OTPSlot.one.rawValue...OTPSlot.two.rawValue,
        touch: .since(OTPFeature.challengeResponse.minimum))

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        guard let product = YubiKeyProduct.with(device.device.id) else { return nil }
        return Recognition(
            model: product.generation.title, obstacle: product.hasOTP ? nil : .interfaceDisabled("OTP"))
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let channel = OTPChannel(try Self.connect(device, description))
        do throws(DeviceError) {
            let otp = try OTPSession(channel)
            let generation = YubiKeyProduct.with(description.device.id)?.generation ?? .four
            let identity = try Self.readIdentity(otp)
            let info = DeviceInfo(
                family: name, model: identity.model(generation), serial: identity.serial.map(String.init),
                firmware: identity.firmware, location: description.location)
            return YubiKeySlotsSession(device: info, otp: otp)
        } catch {
            channel.close()
            throw error
        }
    }

    private static func connect(
        _ device: any USBDevice, _ description: USBDeviceDescription
    ) throws(DeviceError) -> any ReportConnection {
        do throws(ConnectionError) {
            return try HIDFeatureConnection(
                device: device, configuration: description.configuration,
                function: .bootKeyboard(featureLength: YubiKeyOTP.reportLength))
        } catch {
            throw .connection(error, during: .connecting)
        }
    }

    /// Before device info there was the serial number alone. The version of the status is the firmware's own; device info
    /// of firmware 4 leaves it out.
    private static func readIdentity(_ otp: OTPSession) throws(DeviceError) -> YubiKeyIdentity {
        let firmware = otp.status.version
        var identity =
            firmware >= deviceInfoSince
            ? try otp.readIdentity() : YubiKeyIdentity(serial: try otp.readSerial(), firmware: firmware)
        identity.firmware = firmware
        return identity
    }

    private static let deviceInfoSince = Version(4, 1, 0)
}
