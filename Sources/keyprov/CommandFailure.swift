import KeyProvision
import SecretFormats
import SheetJobs
import USBTransport

/// What a command itself can fail with, beside what the layers below throw.
enum CommandFailure: Error {
    /// A command line that asks for something that there is not; usually in the words of the argument parser.
    case usage(String, hints: [String] = [])
    /// A signal asked the program to end.
    case interrupted
    /// No known key is attached; those that are attached and cannot be used as they are.
    case noDevice(unusable: [UnusableDevice])
    case severalDevices([AttachedDevice])
    case noSuchDevice(String, attached: [AttachedDevice])
    case unusableDevice(UnusableDevice)
    /// A failing device, with what is known of it.
    case device(DeviceError, AttachedDevice, holders: [DeviceHolder])
    /// As `device`, after the secret was on its way.
    case unproven(DeviceError, AttachedDevice, name: String)
    /// As `unproven`, for an entry of a batch: it stays open.
    case unprovenEntry(DeviceError, AttachedDevice, account: String)
    /// The credential is on the device and proven, and could not be handed out.
    case unprinted(any Error, name: String, isRecorded: Bool)
    /// More than is held for the standard output.
    case pagesTooLong
    /// A program that belongs to this one is not where it should be.
    case noCompanion(String, folders: [String])
    /// It ended without having done its work, and without saying why.
    case companionFailed(String)
    case template(TemplateError, path: String)
    /// The table of addresses.
    case addresses(FormatError, path: String)
    /// The table has no row for an entry, counted from 1.
    case noAddress(entry: Int, path: String)
    case noQueue(String, queues: [String])
    /// In the words of the print spooler.
    case notPrinted(String, reason: String)
    case checksFailed(Int)
    /// The folder for what is kept between runs cannot be made.
    case stateFolder(FileError)
    /// A PIN that nobody gave and nobody can be asked for.
    case newPINRequired(PIN)
    /// What was typed twice.
    case newPINsDiffer
    /// A key that does not take a computer's code.
    case codeNotAccepted
    /// The virtual keys that a batch is for are of another family than the one that was named; theirs.
    case familyOfVirtual(String)
    /// A format, and the only thing that is done with it: `read` or `written`.
    case formatDirection(String, String)
    /// A batch came to its end for now.
    case entriesLeft(Int, of: Int)
    /// A signal asked a batch to end that has entries left.
    case batchInterrupted(open: Int, of: Int)
    /// A sealed file, and nothing to open it with.
    case sealedInput(String)
}

/// What can be wrong with a virtual key or its name.
enum VirtualKeyFailure: Error {
    case noSuchModel(String)
    case malformedName(String)
    case exists(String)
    case none(String)
    case inUse(String)
    case unreadable(String, path: String)
}

/// Why a name does not choose one credential.
enum CredentialFailure: Error {
    /// nil for the only one there is. With the PIN that was not given, behind which there may be more.
    case none(String?, stored: [String], hiding: PIN?)
    case several(String?, matching: [String])
    case nameInUse(String)
}

/// A device that cannot be used as it is plugged in.
struct UnusableDevice: Hashable {
    let attached: AttachedDevice
    let obstacle: Recognition.Obstacle
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
