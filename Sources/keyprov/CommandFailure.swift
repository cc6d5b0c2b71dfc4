import KeyProvision
import USBTransport

/// What a command itself can fail with, beside what the layers below throw.
enum CommandFailure: Error {
    /// Words of the argument parser, and the command whose help explains them.
    case usage(String, help: String?)
    /// No known key is attached; those that are attached and cannot be used as they are.
    case noDevice(unusable: [AttachedDevice])
    case severalDevices([AttachedDevice])
    case noSuchDevice(String, attached: [AttachedDevice])
    case unusableDevice(AttachedDevice, Recognition.Obstacle)
    /// A failing device, with what is known of it.
    case device(DeviceError, AttachedDevice, holders: [DeviceHolder])
    /// As `device`, after the secret was on its way.
    case unproven(DeviceError, AttachedDevice, name: String)
    case noCredential(String?, stored: [String])
    case severalCredentials(String?, matching: [String])
    case nameInUse(String)
    case noSuchVirtualModel(String)
    case virtualName(String)
    case virtualKeyExists(String)
    case noSuchVirtualKey(String)
    case virtualKeyInUse(String)
    case virtualKeyUnreadable(String)
    case checksFailed(Int)
}

/// A device on the bus, in the words in which it is shown.
struct AttachedDevice: Hashable {
    let model: String
    let location: USBLocation
    let address: UInt8
    var serial: String?

    /// The same device, after it said what it is.
    func identified(by info: DeviceInfo) -> AttachedDevice {
        AttachedDevice(model: info.model, location: location, address: address, serial: info.serial)
    }

    var text: String {
        let place = "usb:\(location)"
        return serial.map { "\(model), serial \($0), at \(place)" } ?? "\(model) at \(place)"
    }
}
