import ByteBuffers
import SecretFormats
public import USBTransport

/// Nitrokey 3 through its secrets application.
///
/// The application is behind the FIDO interface, which pcscd does not hold, so that is tried first; where another program
/// holds it, the smart-card interface does the same.
public struct Nitrokey3: DeviceFamily {
    public let name = "nitrokey3"
    public let title = "Nitrokey 3 (secrets application)"

    public init() {}

    public var usbIDs: [USBID] { [Self.product] }

    public var features: FamilyFeatures { Self.features }

    /// Periods stand in the names, as on a YubiKey; the application keeps none. The numbers of digits are those that
    /// Nitrokey's own program offers.
    static let features: FamilyFeatures = {
        let kind = FamilyFeatures.Kind(algorithms: [.sha1, .sha256], digits: [6, 8], proof: .codes)
        return FamilyFeatures(
            totp: kind, hotp: kind,
            reverseHOTP: FamilyFeatures.Kind(
                algorithms: kind.algorithms, digits: kind.digits, proof: .accepted),
            capacity: SecretsWire.capacity, maxCounter: maxCounter,
            longestName: YKOATH.maxNameLength,
            touch: .always, renaming: .always, pinProtection: .always,
            pins: [
                PINUse(.user, for: [.list, .write, .code, .delete, .rename], isAlwaysNeeded: false),
                PINUse(.user, for: [.reverse], isAlwaysNeeded: true),
            ],
            newPINs: [NewPIN(.user, lengths: pinLengths)],
            // The report descriptor; INIT, SELECT, LIST, PUT and two CALCULATE out and in.
            enrollmentTransfers: 1 + 2 * 6)
    }()

    /// At the last value of its 32 bits the key computes nothing any more, because it could not step.
    private static let maxCounter = UInt64(UInt32.max) - 1
    /// Those of the FIDO PIN on the same key (CTAP 2.1, section 6.5.1). The application itself takes 128 bytes and no
    /// minimum; two of our length fit into one short command.
    private static let pinLengths = 4...63
    /// Nitrokey/nitrokey-3-firmware, `utils/lpc-builder`; boot loaders have other ids.
    private static let product = USBID(vendor: 0x20A0, product: 0x42B2)

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        device.device.id == Self.product ? Recognition(model: Self.model, obstacle: nil) : nil
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let nonce = try Self.nonce(options.random)
        let (connection, continuation) = try Self.connect(device, description, nonce: nonce)
        let channel = APDUChannel(connection: connection, observer: options.observer)
        do throws(DeviceError) {
            let app = try SecretsApp(channel: channel, continuation: continuation)
            let info = DeviceInfo(
                family: name, model: Self.model, serial: Self.hex(app.selected.serial),
                firmware: app.selected.version, location: description.location)
            return Nitrokey3Session(device: info, app: app, onTouch: options.onTouch)
        } catch {
            channel.close()
            throw error
        }
    }

    private static let model = "Nitrokey 3"

    /// - Returns: the connection, and the instruction that fetches the rest of an answer there.
    private static func connect(
        _ device: any USBDevice, _ description: USBDeviceDescription, nonce: [UInt8]
    ) throws(DeviceError) -> (any SmartCardConnection, continuation: UInt8) {
        let lent = LentDevice(device)
        do throws(ConnectionError) {
            let packets = try HIDPacketConnection(
                device: lent, configuration: description.configuration, usage: CTAPHIDConnection.usage,
                packetLength: CTAPHIDConnection.packetLength)
            let connection = try CTAPHIDConnection(packets, nonce: nonce)
            lent.give()
            return (
                CTAPHIDCard(connection, command: CTAPHIDCommand(rawValue: SecretsWire.vendorCommand)),
                YKOATH.Instruction.sendRemaining
            )
        } catch {
            guard isHeld(error) else {
                device.close()
                throw .connection(error, during: .connecting)
            }
        }
        do throws(ConnectionError) {
            let card = try CCIDConnection(device: device, configuration: description.configuration)
            return (card, ISO7816.getResponse)
        } catch {
            throw .connection(error, during: .connecting)
        }
    }

    private static func isHeld(_ error: ConnectionError) -> Bool {
        guard case .usb(let usb) = error, usb.code == .busy, case .claim = usb.operation else { return false }
        return true
    }

    private static func nonce(_ random: any RandomSource) throws(DeviceError) -> [UInt8] {
        do throws(CryptoError) {
            return try Secret.random(count: CTAPHIDConnection.nonceLength, from: random)
                .withBytes { [UInt8](copying: $0) }
        } catch {
            throw .hostCryptography
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
