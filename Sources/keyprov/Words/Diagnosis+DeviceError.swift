import KeyProvision
import USBTransport

extension Diagnosis {
    /// A device's error, where it is known which device it is and who else has it open.
    init(_ error: DeviceError, on device: AttachedDevice, _ holders: [DeviceHolder]) {
        switch error.usbError?.code {
        case .busy?:
            let names = holders.map(\.likelihoodText).joined(separator: ", ")
            self.init(
                .tryAgain, "\(device.text) is held by \(names.isEmpty ? "another process" : names)",
                hints: (holders.isEmpty ? [Self.unknownHolder] : Self.unique(holders.map(\.hint)))
                    + (Takeover.canRelease(holders) ? [Self.takeOver] : []))
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

    private static let takeOver = "--take-over does that for as long as a command takes"

    private static func unique(_ hints: [String]) -> [String] {
        hints.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static let giveAccessCode = "give it with --access-code-file FILE, or '-' for standard input"
    private static let triedOnce =
        "it was tried once, and is not tried again: after too many wrong tries the key blocks it"

    private static func triesLeft(_ count: Int?) -> String { count.map { "; tries left: \($0)" } ?? "" }

    init(_ error: DeviceError) {
        switch error {
        case .opening(let usb): self.init(usb, while: nil)
        case .connection(let connection, let step): self.init(connection, step)
        case .unknownOutcome(let step):
            self.init(
                .inputOutput, "the key did not answer in time while \(step.text): it may have done it, or not",
                hints: [
                    "plug the key out and in, and look before the command is run again: a try of a PIN may be gone, or a "
                        + "counter stepped"
                ])
        case .status(let word, let step):
            self.init(.inputOutput, "the key answered with status \(word) while \(step.text)")
        case .malformedResponse(let step):
            self.init(.inputOutput, "the key answered with something else than the protocol says while \(step.text)")
        case .applicationNotAvailable(_, let switchedBy):
            self.init(
                .failed, "the key's application for one-time passwords is missing or switched off",
                hints: [
                    switchedBy == .applications
                        ? "switch it on: \(Self.switchOn)"
                        : "the maker's program switches it on, where the key has it and it can be switched"
                ])
        case .notSupported(let refusal): self.init(.failed, refusal.text)
        case .full(let capacity):
            self.init(
                .failed, "the key is full" + (capacity.map { ": it holds \($0) credentials" } ?? ""),
                hints: ["'keyprov credentials list' shows what is on it, 'keyprov credentials delete' makes room"])
        case .alreadyExists:
            self.init(
                .failed, "the key already holds a credential of that name, or in that slot",
                hints: ["--replace overwrites it; the account that uses it then needs the new secret"])
        case .nameHidden(let pin):
            self.init(
                .failed,
                "the key already holds a credential of that name, which shows only with its \(pin.rawValue) PIN",
                hints: [
                    "give the PIN with \(pin.option) FILE, or '-' for standard input",
                    "--replace then overwrites it; the account that uses it then needs the new secret",
                ])
        case .noSuchCredential: self.init(.failed, "the key holds no such credential")
        case .slotsEmpty: self.init(.failed, "both slots are empty: there is nothing to swap")
        case .rejected(let step, let withAccessCode):
            self.init(
                .noPermission, "the key refused while \(step.text), and gives no reason",
                hints: [
                    withAccessCode
                        ? "the access code is wrong, or the slot does not allow this"
                        : "the slot has an access code, most likely: give it with --access-code-file FILE"
                ])
        case .malformedAccessCode:
            self.init(
                .badInput, "this is no access code of such a key",
                hints: ["a slot's code has 12 hexadecimal digits, and not only zeros"])
        case .accessCodeRequired:
            self.init(
                .noPermission, "the key is locked with an access code",
                hints: [Self.giveAccessCode])
        case .pinRequired(let pin):
            self.init(
                .noPermission, "this takes the \(pin.rawValue) PIN of the key",
                hints: ["give it with \(pin.option) FILE, or '-' for standard input"])
        case .wrongPIN(let pin, let left):
            self.init(
                .noPermission, "the \(pin.rawValue) PIN is wrong" + Self.triesLeft(left), hints: [Self.triedOnce])
        case .malformedPIN(let flaw):
            self.init(.badInput, flaw.text, hints: ["nothing was tried: no try is gone"])
        case .pinBlocked(let pin):
            self.init(
                .noPermission, "the \(pin.rawValue) PIN is blocked after too many wrong tries",
                hints: ["the maker's own program unblocks it or resets the key"])
        case .pinNotSet(let pin):
            self.init(
                .failed, "the key has no \(pin.rawValue) PIN yet",
                hints: ["'keyprov pin set' sets it where that goes over USB, the maker's own program elsewhere"])
        case .pinAlreadySet(let pin):
            self.init(
                .failed, "the key has \(pin == .admin ? "an" : "a") \(pin.rawValue) PIN",
                hints: ["'keyprov pin change' gives it another one"])
        case .wrongAccessCode(let left):
            self.init(
                .noPermission, "the access code is wrong" + Self.triesLeft(left),
                hints: left == nil ? [] : [Self.triedOnce])
        case .accessCodeChanged(let left):
            self.init(
                .noPermission, "the key has another access code than the one it was sold with" + Self.triesLeft(left),
                hints: [Self.giveAccessCode, Self.triedOnce])
        case .accessCodeBlocked:
            self.init(
                .noPermission, "the access code is blocked after too many wrong tries",
                hints: ["only a reset by the maker's own program opens the key again, and deletes all that is on it"])
        case .deviceNotAuthentic:
            self.init(
                .failed,
                "the key did not prove that it knows the access code: it may not be the key that it claims to be")
        case .touchTimedOut:
            self.init(.tryAgain, "the key was not touched in time", hints: ["touch it while it blinks"])
        case .tooSoonAfterWrongCode:
            self.init(
                .tryAgain, "the key looks at no other code so soon after a wrong one", hints: ["wait five seconds"])
        case .lockedOnKey:
            self.init(
                .tryAgain, "the key is locked with a PIN",
                hints: ["type the PIN on the key's own buttons, then run the command again"])
        case .cardMissing:
            self.init(
                .tryAgain, "no card is in the key that it knows",
                hints: ["put its user's card in and enter the PIN on the key, then run the command again"])
        case .managedElsewhere:
            self.init(
                .tryAgain, "the key is in its management mode, by another program or one that was interrupted",
                hints: ["leave that mode on the key, or plug it out and in"])
        case .notApproved(let step):
            self.init(
                .failed,
                "the key did nothing while \(step.text): nobody approved it on its display in time, or it could not",
                hints: ["run the command again and approve what the display asks"])
        case .occupied(let step):
            self.init(
                .tryAgain, "the key went on being busy while \(step.text)",
                hints: ["answer the question on its display, then run the command again"])
        case .notSetUp:
            self.init(
                .failed, "the key was never set up, and takes nothing before it is",
                hints: ["set it up with its maker's app first: it asks for a PIN"])
        case .refusedByKey(let step): self.init(.failed, "the key refused while \(step.text)")
        case .verificationFailed:
            self.init(.failed, "the key computed something else than the secret asks for")
        case .hostCryptography: self = .cryptography
        }
    }
}
