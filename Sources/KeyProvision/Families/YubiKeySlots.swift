import SecretFormats
public import USBTransport

/// YubiKeys through the two slots of their OTP application, over the keyboard interface; over the smart card where another
/// program holds that interface, or a NEO has it switched off.
///
/// A slot with HMAC-SHA1 computes TOTP from a challenge; one with OATH-HOTP types its codes at a touch and tells nothing
/// over USB. Firmware and serial number come over the same interface: firmware before 5.6 wants 3 s between interfaces.
public struct YubiKeySlots: DeviceFamily {
    public let name = "yubikey-slots"
    public let title = "YubiKey (OTP slots)"

    public init() {}

    public var usbIDs: [USBID] {
        YubiKeyProduct.all.filter(\.hasOTPApplication).map(\.id)
    }

    public var idleIDs: [USBID] {
        YubiKeyProduct.all.filter { !$0.hasOTPApplication }.map(\.id)
    }

    public var features: FamilyFeatures { Self.features }

    /// For TOTP the host cuts the code out of the HMAC, so any number of digits will do.
    static let features = FamilyFeatures(
        totp: .init(algorithms: [.sha1], digits: Array(Credential.digitsRange), proof: .full),
        hotp: .init(algorithms: [.sha1], digits: [6, 8], proof: .writeOnly),
        longestSecret: OTPConfiguration.longestKey, counterStep: UInt64(OTPConfiguration.counterStep),
        maxCounter: UInt64(OTPConfiguration.maxCounter), slots: OTPSlot.one.rawValue...OTPSlot.two.rawValue,
        touch: .since(OTPFeature.challengeResponse.minimum), accessCode: .slot)

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        guard let product = YubiKeyProduct.with(device.device.id), !PicoFIDO.isDisguised(device) else { return nil }
        return product.recognition(of: device.device, needing: "OTP", isThere: product.hasOTPApplication)
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let generation = YubiKeyProduct.with(description.device.id)?.generation ?? .four
        if try Self.takesCard(device, description) {
            return try openOverCard(device, description, generation, options)
        }
        let channel = OTPChannel(try Self.connect(device, description))
        do throws(DeviceError) {
            let otp = try OTPSession(channel)
            let identity = try Self.readIdentity(otp)
            return session(identity, generation, description.location, otp)
        } catch {
            channel.close()
            throw error
        }
    }

    private func session(
        _ identity: YubiKeyIdentity, _ generation: YubiKeyProduct.Generation, _ location: USBLocation,
        _ otp: OTPSession
    ) -> YubiKeySlotsSession {
        let info = DeviceInfo(
            family: name, model: identity.model(generation), serial: identity.serial.map(String.init),
            firmware: identity.firmware, location: location)
        return YubiKeySlotsSession(device: info, otp: otp)
    }

    /// Whether the keyboard interface is not to be had and a card is.
    private static func takesCard(
        _ device: any USBDevice, _ description: USBDeviceDescription
    ) throws(DeviceError) -> Bool {
        guard description.configuration.interfaces.contains(where: { $0.ccid != nil }) else { return false }
        guard let keyboard = description.configuration.interfaces.first(where: \.isBootKeyboard) else { return true }
        do throws(USBError) {
            try device.claimInterface(keyboard.number)
            return false
        } catch {
            guard error.code != .busy else { return true }
            device.close()
            throw .connection(.usb(error), during: .connecting)
        }
    }

    private func openOverCard(
        _ device: any USBDevice, _ description: USBDeviceDescription, _ generation: YubiKeyProduct.Generation,
        _ options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let channel = APDUChannel(
            connection: try YubiKeyOATH.connect(device, description, generation), observer: options.observer)
        do throws(DeviceError) {
            var identity =
                switch generation {
                case .neo: try YubiKeyOTPApplet.readIdentity(over: channel)
                default: try YubiKeyManagement.readIdentity(over: channel)
                }
            let otp = try OTPSession(OTPCardChannel(channel))
            identity.firmware = otp.status.version
            return session(identity, generation, description.location, otp)
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
