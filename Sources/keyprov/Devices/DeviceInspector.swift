import KeyProvision
import SecretFormats
import USBTransport

/// Looks at attached devices without changing anything on them.
struct DeviceInspector {
    let host: any USBHost

    /// What the device tells when it is opened, or why it cannot be.
    func inspect(_ description: USBDeviceDescription) -> InspectedDevice? {
        guard let candidate = Candidate(description) else { return nil }
        var device = InspectedDevice(candidate)
        guard device.obstacle == nil else { return device }
        do throws(DeviceError) {
            let session = try candidate.family.openSession(
                on: try host.openForSession(description), description,
                options: SessionOptions(random: World.current.random, unixTime: World.current.now()))
            defer { session.close() }
            device.info = session.device
            device.isLocked = session.isLocked
        } catch {
            device.failure = CommandFailure(error, candidate.attached)
            device.error = error
        }
        return device
    }
}
