import Sealing

extension Diagnosis {
    init(_ failure: SealedFileFailure) {
        let place = failure.path.map { "'\($0)': " } ?? ""
        let hints: [String] =
            switch failure.error {
            case .needsPassphrase: ["'keyprov open --passphrase-file' takes the passphrase"]
            case .needsIdentity: ["--identity names the file with the identity"]
            case .noMatchingIdentity: ["a file can be opened only by those to whom it was sealed"]
            case .wrongPassphrase: ["a passphrase that is lost cannot be replaced"]
            case .truncated: ["the copy did not finish; get the file again"]
            case .malformedKey, .noKeys: ["'keyprov seal --new-identity' makes an identity and its recipient"]
            default: []
            }
        self.init(.badInput, place + failure.error.text, hints: hints)
    }
}

extension SealError {
    var text: String {
        switch self {
        case .notSealed: "not a sealed file"
        case .unsupportedVersion: "sealed in a later version of the format"
        case .malformedArmor(let fault, let line): "armor, line \(line): \(fault.text)"
        case .malformedHeader(let fault, let line): "header, line \(line): \(fault.text)"
        case .headerChanged: "the header was changed"
        case .workFactorTooHigh(let factor):
            "asks for a work factor of \(factor.map(String.init) ?? "many digits"), above "
                + "\(PassphraseStanza.highestWorkFactor), which would take more than 4 GiB"
        case .noMatchingIdentity: "sealed to none of these identities"
        case .wrongPassphrase: "the passphrase does not open it"
        case .needsPassphrase: "sealed with a passphrase"
        case .needsIdentity: "sealed to recipients, not with a passphrase"
        case .changedChunk(let number): "changed or cut off in block \(number)"
        case .truncated: "ends too early"
        case .malformedKey(let fault, let line): (line.map { "line \($0): " } ?? "") + fault.text
        case .noKeys: "there is no key in it"
        case .emptyPassphrase: "the passphrase is empty"
        case .malformedRecord: "no sealed record"
        case .changedRecord: "the record was changed, or belongs to another row"
        case .unreadable: "cannot be read"
        case .cryptography: "the cryptographic library failed"
        }
    }
}

extension ArmorFault {
    fileprivate var text: String {
        switch self {
        case .begin: "not the line that an armor begins with"
        case .lineLength: "a line of the wrong length"
        case .alphabet: "not canonical base64"
        case .lastLine: "a line behind the last one"
        case .end: "the line that ends an armor is missing"
        case .afterEnd: "something follows its end"
        }
    }
}

extension HeaderFault {
    fileprivate var text: String {
        switch self {
        case .unknownLine: "neither a recipient nor the end"
        case .noStanza: "there is no recipient"
        case .argument: "a recipient's line is malformed"
        case .body: "not canonical base64, or a line of the wrong length"
        case .mac: "the end is malformed"
        case .cutOff: "the file ends within it"
        case .tooLong: "longer than a mebibyte"
        case .passphraseNotAlone: "a passphrase beside other recipients"
        case .x25519, .scrypt: "a recipient that is not as its kind has to be"
        case .weakShare: "a share with which anybody could open it"
        }
    }
}

extension KeyFault {
    fileprivate var text: String {
        switch self {
        case .alphabet: "a character that no key has"
        case .mixedCase: "capital and small letters are mixed"
        case .checksum: "the checksum is wrong: is a character missing or mistyped?"
        case .length: "too short or too long for a key"
        case .otherKind: "not a key of this kind"
        case .weak: "a recipient with which anybody could open the file"
        }
    }
}
