import ArgumentParser
import KeyProvision
import MockDevices
import SecretFormats
import USBTransport

/// What is said of an error, what to do now, and the exit code: the one place where errors become words.
///
/// A message is in lower case, without a full stop, and holds nothing of a secret. Each hint is one thing to do.
struct Diagnosis: Equatable {
    let message: String
    var hints: [String] = []
    let exitCode: ExitStatus

    init(_ exitCode: ExitStatus, _ message: String, hints: [String] = []) {
        self.exitCode = exitCode
        self.message = message
        self.hints = hints
    }

    func say() {
        Console.say("error: " + message)
        for hint in hints { Console.say("hint: " + hint) }
    }
}

/// Exit codes (`sysexits.h`, as far as they fit).
enum ExitStatus: Int32 {
    case failed = 1
    case usage = 64
    case badInput = 65
    case noDevice = 69
    case inputOutput = 74
    case tryAgain = 75
    case noPermission = 77
}

extension Diagnosis {
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as CommandFailure: Diagnosis(failure)
            case let error as DeviceError: Diagnosis(error)
            case let error as USBError: Diagnosis(error)
            case let error as FormatError: Diagnosis(.badInput, error.description)
            case let error as FileError: Diagnosis(error)
            case is CryptoError: .cryptography
            default: Diagnosis(.failed, "\(error)")
            }
    }

    private static let cryptography = Diagnosis(
        .failed, "the cryptographic library failed", hints: ["run 'keyprov doctor' to see which version is installed"])

    // MARK: The command's own

    private init(_ failure: CommandFailure) {
        switch failure {
        case .usage(let message, let help):
            self.init(.usage, message, hints: help.map { ["see '\($0) --help'"] } ?? [])
        case .noDevice(let unusable):
            var hints = unusable.map {
                "\($0.text) has its CCID interface switched off: 'ykman config usb --enable OATH'"
            }
            hints.append("plug in a key, or try without hardware: '--virtual yubikey5'")
            hints.append("'keyprov doctor' tells what it sees on the bus")
            self.init(.noDevice, "no known key is attached", hints: hints)
        case .severalDevices(let devices):
            self.init(
                .usage, "\(devices.count) keys are attached: \(devices.map(\.text).joined(separator: "; "))",
                hints: ["choose one with --device SERIAL or --device usb:BUS-PORT"])
        case .noSuchDevice(let selector, let attached):
            let seen = attached.isEmpty ? "none is" : attached.map(\.text).joined(separator: "; ")
            self.init(.noDevice, "no key '\(selector)' is attached", hints: ["attached: \(seen)"])
        case .unusableDevice(let device, .interfaceDisabled(let interface)):
            self.init(
                .noDevice, "\(device.text) has its \(interface) interface switched off",
                hints: ["switch it on: 'ykman config usb --enable OATH'"])
        case .device(let error, let device, let holders):
            self = Diagnosis(error, on: device, holders)
        case .unproven(let error, let device, let name):
            let cause = Diagnosis(error, on: device, [])
            self.init(
                cause.exitCode, "the credential is not proven: " + cause.message,
                hints: cause.hints + [
                    "the secret was not shown and is in no server; the key may hold '\(name)' all the same",
                    "run the command again with --replace",
                ])
        case .noCredential(let name, let stored):
            let what = name.map { "no credential '\($0)' is on the key" } ?? "no credential is on the key"
            self.init(.failed, what, hints: stored.isEmpty ? [] : ["on the key: " + stored.joined(separator: ", ")])
        case .severalCredentials(let name, let matching):
            let what =
                name.map { "'\($0)' matches \(matching.count) credentials" }
                ?? "the key holds \(matching.count) credentials"
            self.init(.usage, what, hints: ["name one of: " + matching.joined(separator: ", ")])
        case .nameInUse(let name):
            self.init(.failed, "the key already holds '\(name)'", hints: ["delete or rename that one first"])
        case .noSuchVirtualModel(let name):
            let models = Catalog.virtualModels.map(\.name).joined(separator: ", ")
            self.init(.usage, "there is no virtual key model '\(name)'", hints: ["models: \(models)"])
        case .virtualName(let name):
            self.init(
                .usage, "'\(name)' is not a name for a virtual key",
                hints: ["use MODEL or MODEL:LABEL with letters, digits, '.', '_' and '-' in the label"])
        case .virtualKeyExists(let name):
            self.init(.failed, "the virtual key '\(name)' exists already")
        case .noSuchVirtualKey(let name):
            self.init(.noDevice, "there is no virtual key '\(name)'", hints: ["'keyprov virtual list' lists them"])
        case .virtualKeyInUse(let name):
            self.init(.tryAgain, "another process uses the virtual key '\(name)'")
        case .virtualKeyUnreadable(let path):
            self.init(
                .badInput, "the memory of a virtual key cannot be read: \(path)",
                hints: ["'keyprov virtual remove NAME' gives it up"])
        case .checksFailed(let count):
            self.init(.failed, count == 1 ? "one check failed" : "\(count) checks failed")
        }
    }

    // MARK: Devices

    private init(_ error: DeviceError, on device: AttachedDevice, _ holders: [DeviceHolder]) {
        switch error.usbError?.code {
        case .busy?:
            let names = holders.map(\.text).joined(separator: ", ")
            self.init(
                .tryAgain, "\(device.text) is held by \(names.isEmpty ? "another process" : names)",
                hints: holders.isEmpty ? [Self.unknownHolder] : Self.unique(holders.map(\.hint)))
        case .access?:
            self.init(
                .noPermission, "no permission to use \(device.text)",
                hints: [
                    "install the udev rules: '\(UdevRules.installCommand)'",
                    "then '\(UdevRules.reloadCommand)', and plug the key in again",
                ])
        case .noDevice?:
            self.init(
                .noDevice, "the key was unplugged (\(device.text))", hints: ["plug it in and run the command again"])
        default:
            self.init(error)
        }
    }

    private static let unknownHolder =
        "usually that is pcscd ('\(DeviceHolder.stopPCSCD)') or scdaemon ('\(DeviceHolder.stopSCDaemon)')"

    private static func unique(_ hints: [String]) -> [String] {
        hints.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private init(_ error: DeviceError) {
        switch error {
        case .opening(let usb): self.init(usb)
        case .connection(let connection, let step): self = Diagnosis(connection, step)
        case .status(let word, let step):
            self.init(.inputOutput, "the key answered with status \(word) while \(step.text)")
        case .malformedResponse(let step):
            self.init(.inputOutput, "the key answered with something else than the protocol says while \(step.text)")
        case .applicationNotAvailable:
            self.init(
                .failed, "the key's OATH application is missing or switched off",
                hints: ["switch it on: 'ykman config usb --enable OATH'"])
        case .notSupported(let refusal): self.init(.failed, refusal.text)
        case .full(let capacity):
            self.init(
                .failed, "the key is full" + (capacity.map { ": it holds \($0) credentials" } ?? ""),
                hints: ["'keyprov credentials list' shows what is on it, 'keyprov credentials delete' makes room"])
        case .alreadyExists:
            self.init(
                .failed, "the key already holds a credential of that name",
                hints: ["--replace overwrites it; the account that uses it then needs the new secret"])
        case .noSuchCredential: self.init(.failed, "the key holds no such credential")
        case .accessCodeRequired:
            self.init(
                .noPermission, "the key is locked with an access code",
                hints: ["give it with --access-code-file FILE, or '-' for standard input"])
        case .wrongAccessCode: self.init(.noPermission, "the access code is wrong")
        case .deviceNotAuthentic:
            self.init(
                .failed,
                "the key did not prove that it knows the access code: it may not be the key that it claims to be")
        case .touchTimedOut:
            self.init(.tryAgain, "the key was not touched in time", hints: ["touch it while it blinks"])
        case .verificationFailed:
            self.init(.failed, "the key computed something else than the secret asks for")
        case .hostCryptography: self = .cryptography
        }
    }

    private init(_ error: ConnectionError, _ step: DeviceStep) {
        let what: String
        switch error {
        case .usb(let usb): self = Diagnosis(usb, while: step.text); return
        case .noSuitableInterface: what = "the key has no CCID interface"
        case .unsupportedExchangeLevel: what = "the key's CCID interface does not take whole commands"
        case .noCard: what = "the key's reader says that no card is in it"
        case .refused(let code, _): what = "the key's reader refused a message with error \(code.rawValue)"
        case .malformed: what = "the key's reader sent a malformed message"
        case .tooManyTimeExtensions: what = "the key kept asking for more time"
        case .tooManyStaleMessages: what = "the key's reader sent only answers to earlier commands"
        case .commandTooLong(let count): what = "a command of \(count) bytes is longer than the key can take"
        }
        self.init(
            .inputOutput, "\(what) while \(step.text)", hints: ["plug the key out and in, then run the command again"])
    }

    private init(_ error: USBError, while step: String? = nil) {
        let place = step.map { " while \($0)" } ?? ""
        switch error.code {
        case .access: self.init(.noPermission, "no permission to use the USB device")
        case .busy: self.init(.tryAgain, "another process holds the USB device", hints: [Self.unknownHolder])
        case .noDevice, .notFound: self.init(.noDevice, "the key was unplugged\(place)")
        case .timeout:
            self.init(
                .inputOutput, "the key did not answer in time\(place)",
                hints: ["plug the key out and in, then run the command again"])
        case .stall: self.init(.inputOutput, "the key refused a USB transfer\(place)")
        default: self.init(.inputOutput, "USB failed with code \(error.code.rawValue)\(place)")
        }
    }

    private init(_ error: FileError) {
        let what = "\(error.operation.text) '\(error.path)': \(error.reason.lowercased())"
        switch error.operation {
        case .create where error.isExisting:
            self.init(
                .inputOutput, "'\(error.path)' exists already", hints: ["nothing is overwritten: choose another name"])
        default:
            self.init(error.isPermission ? .noPermission : .inputOutput, "cannot " + what)
        }
    }
}
