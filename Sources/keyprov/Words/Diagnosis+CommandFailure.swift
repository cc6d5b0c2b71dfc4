import KeyProvision
import SheetJobs
import USBTransport

extension Diagnosis {
    init(_ failure: CommandFailure) {
        switch failure {
        case .usage(let message, let hints): self.init(.usage, message, hints: hints)
        case .interrupted: self = .interrupted
        case .noDevice(let unusable):
            let hints = [
                "plug in a key, or try without hardware: '--virtual yubikey5'",
                "'keyprov doctor' tells what it sees on the bus",
            ]
            switch unusable.count {
            case 0: self.init(.noDevice, "no known key is attached", hints: hints)
            case 1: self.init(unusable[0], hints: hints)
            default:
                let seen = unusable.map { "\($0.attached.text) \($0.obstacle.text)" }
                self.init(
                    .noDevice, "no attached key can be used as it is: " + seen.joined(separator: "; "), hints: hints)
            }
        case .severalDevices(let devices):
            self.init(
                .usage, "\(devices.count) keys are attached: \(devices.map(\.text).joined(separator: "; "))",
                hints: [
                    "choose one with --device SERIAL or --device usb:BUS-PORT",
                    "'keyprov devices' lists them with their serial numbers",
                ])
        case .noSuchDevice(let selector, let attached):
            let seen = attached.isEmpty ? "none" : attached.map(\.text).joined(separator: "; ")
            self.init(.noDevice, "no key '\(selector)' is attached", hints: ["attached: \(seen)"])
        case .unusableDevice(let device): self.init(device)
        case .device(let error, let device, let holders):
            self.init(error, on: device, holders)
        case .unproven(let error, let device, let name):
            let cause = Diagnosis(error, on: device, [])
            self.init(
                cause.exitCode, "the credential is not proven: " + cause.message,
                hints: cause.hints + [
                    "the secret was not shown and is in no server; the key may hold '\(name)' all the same",
                    "run the command again with --replace",
                ])
        case .unprovenEntry(let error, let device, let account):
            let cause = Diagnosis(error, on: device, [])
            self.init(
                cause.exitCode, "it is not proven: " + cause.message,
                hints: cause.hints + ["the key may hold a credential of '\(account)' that no server gets"])
        case .unprinted(let error, let name, let isRecorded):
            let cause = Diagnosis(error)
            self.init(
                cause.exitCode, cause.message,
                hints: cause.hints + [
                    "the key holds '\(name)', but its secret was not printed in full and cannot be read back",
                    isRecorded
                        ? "the ledger has it: 'keyprov ledger export'" : "run the command again with --replace",
                ])
        case .pagesTooLong:
            self.init(
                .failed, "there are more pages than are held back until all of them are proven",
                hints: ["--out with a file has no limit"])
        case .noCompanion(let name, let folders):
            self.init(
                .failed, "the program '\(name)' is missing, which this takes",
                hints: ["it belongs into one of: \(folders.joined(separator: ", "))", "'make install' puts it there"])
        case .companionFailed(let name): self.init(.failed, "the program '\(name)' ended before its work was done")
        case .template(let error, let path):
            self.init(.badInput, "'\(path)': line \(error.line): \(error.reason.text)", hints: error.reason.hints)
        case .addresses(let error, let path): self.init(.badInput, "'\(path)': \(error)")
        case .noAddress(let entry, let path):
            self.init(
                .badInput, "entry \(entry): '\(path)' does not say whose it is",
                hints: ["its column 'account', or 'serial' where there is none, names the entry"])
        case .noQueue(let name, let queues):
            self.init(
                .failed, "there is no printer '\(name)'",
                hints: [queues.isEmpty ? "there is none at all" : "there are: " + queues.joined(separator: ", ")])
        case .notPrinted(let name, let reason):
            self.init(.failed, "'\(name)' does not print: \(reason.lowercased())")
        case .sealedInput(let path):
            self.init(
                .badInput, "'\(path)' is sealed",
                hints: ["--identity names the file with the identity", "'keyprov open' takes a passphrase too"])
        case .familyOfVirtual(let family):
            self.init(.usage, "the virtual keys are of the family '\(family)'", hints: ["leave --family out"])
        case .entriesLeft(let count, let total):
            self.init(
                .tryAgain, Phrases.entries(count, of: total) + " open", hints: [Self.resume])
        case .batchInterrupted(let count, let total):
            self.init(
                .tryAgain, Self.interrupted.message + ": " + Phrases.entries(count, of: total) + " open",
                hints: [Self.resume])
        case .formatDirection(let name, let done):
            self.init(
                .badInput, "the format '\(name)' is only \(done) here",
                hints: ["'keyprov convert --list-formats' tells what is read and what is written"])
        case .checksFailed(let count):
            self.init(.failed, count == 1 ? "one check failed" : "\(count) checks failed")
        case .stateFolder(let error):
            let cause = Diagnosis(error)
            self.init(cause.exitCode, cause.message, hints: cause.hints + [Phrases.otherStateFolder])
        case .newPINRequired(let pin):
            self.init(
                .noPermission, "this takes a new \(pin.rawValue) PIN",
                hints: ["give it with --new-pin-file FILE, or '-' for standard input"])
        case .newPINsDiffer:
            self.init(.badInput, "the two new PINs differ", hints: ["nothing was changed"])
        case .codeNotAccepted:
            self.init(
                .failed, "the key does not accept the code: it is none of the ten that are next",
                hints: [
                    "the key now blinks red, and does not stop by itself",
                    "a computer that has counted too far needs its secret anew: 'keyprov computer enroll --replace'",
                ])
        }
    }

    private static let resume = "the same command with --resume goes on where this one ended"
    static let switchOn = "'ykman config usb --enable OATH'"
}
