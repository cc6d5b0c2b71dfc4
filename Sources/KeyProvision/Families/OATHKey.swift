import SecretFormats
import USBTransport

/// What the families of other makers with a YKOATH application share: the serial number stands in the USB descriptors, the
/// firmware is the version that the applet tells, and one interface is enough.
struct OATHKey {
    let family: any DeviceFamily
    let model: String
    let dialect: OATHDialect

    /// Over the smart-card reader.
    func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions
    ) throws(DeviceError) -> any ProvisioningSession {
        try openSession(on: device, description, options: options) { () throws(ConnectionError) in
            try CCIDConnection(device: device, configuration: description.configuration)
        }
    }

    /// - Parameter connect: takes over the device, and closes it when it throws.
    func openSession(
        on device: any USBDevice, _ description: USBDeviceDescription, options: SessionOptions,
        connect: () throws(ConnectionError) -> any SmartCardConnection
    ) throws(DeviceError) -> any ProvisioningSession {
        let serial: String?
        do throws(USBError) {
            serial = try device.string(at: description.device.serialIndex)
        } catch {
            device.close()
            throw .connection(.usb(error), during: .identifying)
        }
        let connection: any SmartCardConnection
        do throws(ConnectionError) {
            connection = try connect()
        } catch {
            throw .connection(error, during: .connecting)
        }
        let channel = APDUChannel(connection: connection, observer: options.observer)
        do throws(DeviceError) {
            let oath = try OATHSession(channel: channel, dialect: dialect)
            let info = DeviceInfo(
                family: family.name, model: model, serial: serial, firmware: oath.selected.version,
                location: description.location)
            return OATHKeySession(
                device: info, oath: oath, features: family.features, capacity: family.features.capacity,
                options: options)
        } catch {
            channel.close()
            throw error
        }
    }

    /// The kinds that an applet with these hashes has, each proven as the dialect can.
    static func kind(_ algorithms: [HashAlgorithm], _ dialect: OATHDialect) -> FamilyFeatures.Kind {
        FamilyFeatures.Kind(
            algorithms: algorithms, digits: Array(Credential.digitsRange),
            proof: dialect.computesWholeHMAC ? .full : .codes)
    }
}
