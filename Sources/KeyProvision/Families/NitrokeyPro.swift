import ByteBuffers
import SecretFormats
public import USBTransport

/// Nitrokey Pro, Nitrokey Storage and Purism's Librem Key, over the feature reports of their HID interface.
///
/// One protocol in two versions: firmware from 0.8 (Storage: 0.54) on repeats what it was sent before it keeps it; earlier
/// firmware is proven by its codes. Slots have names, which the keys list.
public struct NitrokeyPro: DeviceFamily {
    public static let pro = NitrokeyPro(.pro)
    public static let storage = NitrokeyPro(.storage)
    public static let libremKey = NitrokeyPro(.libremKey)

    private let product: NitrokeyProduct

    private init(_ product: NitrokeyProduct) { self.product = product }

    public var name: String { product.family }
    public var title: String { product.model }
    public var usbIDs: [USBID] { [product.id] }
    public var features: FamilyFeatures { Self.features(of: product) }

    static func features(of product: NitrokeyProduct) -> FamilyFeatures {
        FamilyFeatures(
            totp: .init(
                algorithms: [.sha1], digits: [6, 8], longestPeriod: NitrokeyApp.longestPeriod, proof: .echo),
            hotp: .init(algorithms: [.sha1], digits: [6, 8], proof: .echo, slots: 1...NitrokeySlot.hotpCount),
            longestSecret: NitrokeyApp.longestSecret,
            earlier: .init(
                before: Version(0, product.echoSince, 0), longestSecret: NitrokeyApp.longestOldSecret, proof: .codes),
            maxCounter: product.maxCounter, slots: 1...product.totpSlots,
            pins: [
                PINUse(.admin, for: [.write, .delete], isAlwaysNeeded: true),
                PINUse(.user, for: [.code], isAlwaysNeeded: false),
            ],
            newPINs: product.newPINs, leastTransfers: product.leastTransfers)
    }

    public func recognize(_ device: USBDeviceDescription) -> Recognition? {
        device.device.id == product.id ? Recognition(model: product.model, obstacle: nil) : nil
    }

    public func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        let connection: HIDFeatureConnection
        do throws(ConnectionError) {
            connection = try HIDFeatureConnection(
                device: device, configuration: description.configuration, function: product.function)
        } catch {
            throw .connection(error, during: .connecting)
        }
        let channel = NitrokeyChannel(connection, limits: product.limits)
        do throws(DeviceError) {
            let app = try NitrokeyApp(channel, product, random: options.random)
            let info = DeviceInfo(
                family: name, model: product.model, serial: app.identity.serial, firmware: app.identity.firmware,
                location: description.location)
            return NitrokeyProSession(device: info, product: product, app: app, unixTime: options.unixTime)
        } catch {
            channel.close()
            throw error
        }
    }
}
