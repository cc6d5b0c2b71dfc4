import KeyProvision
import USBTransport

// Fragments of sentences.

enum Phrases {
    static let experimental =
        "experimental: its descriptions disagree in places, and no device has been part of the tests"
    static let otherStateFolder = "--state DIR names another folder for the ledger and the virtual keys"
    static let showingCode = "showing the key the code before the computer's first"
    static let deletionEmptiesPlace =
        "deleting a credential wipes its whole slot: a password, user name and URL there go too"
    static let codeOnKey =
        "the key tells this code to you alone: press its button in the server's form, or type there what its display shows"
    static let possibleTouch = "touch the key if it blinks"
    static let approve = "approve it on the key's display"
    static let approvals = "a person approves on its display what is listed, written and computed"

    static func idle(_ ids: String) -> String { "recognized with its interface switched off: USB " + ids }

    static func isProtected(_ slot: Int) -> String {
        "slot \(slot) has that access code now: who overwrites, changes or deletes it needs --access-code-file"
    }

    static func putAside(_ path: String, as aside: String) -> String {
        "'\(path)' was there already and is '\(aside)' now: if it is an earlier sheet, its secret does not count any more"
    }

    /// Of a count.
    static func without(behind pin: PIN) -> String {
        ", without those behind the \(pin.rawValue) PIN, which show with \(pin.option) FILE"
    }

    /// A number and a word for that many.
    static func count(_ number: Int, _ one: String, _ several: String? = nil) -> String {
        "\(number) " + (number == 1 ? one : several ?? one + "s")
    }

    static func entries(_ number: Int, of total: Int) -> String {
        "\(number) of \(count(total, "entry is", "entries are"))"
    }

    /// The first of some accounts, and how many more there are.
    static func list(_ accounts: [String], of count: Int) -> String {
        let shown = accounts.prefix(shownAccounts).map { "'\($0)'" }.joined(separator: ", ")
        return count > shownAccounts ? shown + " and \(count - shownAccounts) more" : shown
    }

    private static let shownAccounts = 5

    /// nil where issuer and account are one text.
    static func namesApart(_ form: FamilyFeatures.NameForm, _ longest: Int) -> String? {
        switch form {
        case .joined: nil
        case .apartInASCII: "issuer and account in ASCII, up to \(longest) letters each"
        case .apartInBMP: "issuer and account, both, of letters of 16 bits, up to \(longest) each"
        }
    }
}

extension DeviceStep {
    var text: String {
        switch self {
        case .connecting: "connecting"
        case .identifying: "reading serial and firmware"
        case .selecting: "selecting the OATH application"
        case .unlocking: "unlocking"
        case .listing: "listing credentials"
        case .writing: "writing the credential"
        case .verifying: "proving the credential"
        case .calculating: "computing a code"
        case .renaming: "renaming a credential"
        case .deleting: "deleting a credential"
        case .resetting: "resetting"
        case .settingAccessCode: "setting the access code"
        case .changingPIN: "setting a PIN"
        case .swapping: "swapping the slots"
        }
    }
}

extension EnrollmentStep {
    /// Whether somebody has to do something, or wonders why nothing happens; other steps are details.
    var isSaid: Bool { [.touch, .confirming, .approving, .awaitingNextCode].contains(self) }

    var text: String {
        switch self {
        case .checkingNames: "looking for a credential of that name"
        case .writing: "writing the credential"
        case .confirming: "touch the key while it blinks, to let it write"
        case .proving: "having the key compute with it"
        case .touch: "touch the key while it blinks"
        case .approving: Phrases.approve
        case .awaitingNextCode: "waiting half a minute for the key's next code"
        }
    }
}

extension AttachedDevice {
    /// For families whose descriptions contradict each other.
    var experimentalWarning: String {
        "writing to a \(model) is \(Phrases.experimental); try a code of it before you rely on it"
    }
}

extension Refusal {
    var text: String {
        switch self {
        case .feature(let name, let needed?, let has): "\(name): the key needs firmware \(needed), and has \(has)"
        case .feature(let name, nil, _): "the key cannot do this: \(name)"
        case .nameTooLong(let count, let limit):
            "issuer and account take \(count) bytes on the key, which keeps \(limit)"
        case .namePartTooLong(let count, let limit):
            "issuer or account takes \(count) bytes, and the key keeps \(limit) of each"
        case .nameLettersTooMany(let count, let limit):
            "issuer or account takes \(count) letters, and the key keeps \(limit) of each"
        case .nameOutsideBMP:
            "this key keeps no letters beyond 16 bits in issuer and account, such as most pictures"
        case .issuerMissing: "--issuer: this key files each credential under one"
        case .clockOutOfRange(let years):
            "the clock of this computer is not between \(years.lowerBound) and \(years.upperBound), where the key's can stand"
        case .nameNotASCII: "this key keeps only ASCII letters, digits and signs in issuer and account"
        case .ambiguousName: "the key would show this issuer and account as another name"
        case .secretTooLong(let count, let limit): "the secret has \(count) bytes, and the key takes \(limit)"
        case .counterTooLarge(let limit): "the counter is above \(limit), the highest that the key takes"
        case .counterTooSmall(let minimum):
            "--counter: the first code of this key is that of counter \(minimum), and the server has to start there"
        case .hotpNotStandard: "HOTP: this key computes other codes than RFC 4226 asks for, and no server takes them"
        case .touchNotEnforced: "--touch: this key notes the wish for a touch, and computes without one"
        case .slotMissing(let slots):
            "this key keeps credentials in slots: say which, --slot \(slots.lowerBound) to \(slots.upperBound)"
        case .slotCodes: "--new-access-code-file: only the OTP slots of a YubiKey have codes of their own"
        case .slotCommands: "'keyprov slots' is about the OTP slots of a YubiKey, which this key does not have"
        case .slots: "--slot: this key keeps credentials by name and has no slots"
        case .pin(let pin): "\(pin.option): this key has no PIN for one-time passwords"
        case .codesOnKeyOnly: "this key tells no codes over USB: it shows or types them at its buttons"
        case .accessCode: "--access-code-file: this key takes no access code over USB"
        case .newPIN(let pin):
            "no \(pin.rawValue) PIN of this key can be set or changed here: 'keyprov keys' says where one can"
        case .noSuchPIN(let pin): "\(pin.option): this key has no \(pin.rawValue) PIN"
        case .pinProtection: "--require-pin: this key does not keep single credentials under a PIN"
        case .hostCodes:
            "this key checks no codes of a computer: 'keyprov keys' says 'reverse-hotp' of those that do"
        case .checksCodesOnly: "this is a computer's secret: the key checks its codes and computes none"
        case .otherDirection:
            "what the key has under that name is of the other direction: a computer's secret, or one that it computes with"
        case .chosenCounter: "--counter: this key keeps the counter itself and computes only the next code"
        }
    }
}

extension PINFlaw {
    var text: String {
        switch self {
        case .length(let pin, let lengths):
            "the \(pin.rawValue) PIN of this key has \(lengths.lowerBound) to \(lengths.upperBound) bytes"
        case .newLength(_, let lengths):
            "a new PIN of this key has \(lengths.lowerBound) to \(lengths.upperBound) bytes"
        case .newCharacters: "a new PIN has no control characters"
        }
    }
}

extension PIN {
    /// The option that gives it.
    var option: String {
        switch self {
        case .user: "--pin-file"
        case .admin: "--admin-pin-file"
        }
    }
}
