import ByteBuffers
import KeyProvision
import Sealing
import SecretFormats
import SheetJobs
import USBTransport

/// What is said of an error, what to do now, and the exit code. In this folder and nowhere else errors become words.
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

    init(_ error: any Error) {
        self =
            switch error {
            case let failure as CommandFailure: Diagnosis(failure)
            case let failure as CredentialFailure: Diagnosis(failure)
            case let failure as VirtualKeyFailure: Diagnosis(failure)
            case let error as DeviceError: Diagnosis(error)
            case let error as USBError: Diagnosis(error, while: nil)
            case let error as FormatError: Diagnosis(error)
            case let error as FileError: Diagnosis(error)
            case let failure as SealedFileFailure: Diagnosis(failure)
            case let error as SealError: Diagnosis(SealedFileFailure(path: nil, error: error))
            case let failure as ProfileFailure: Diagnosis(failure)
            case let failure as LedgerUseFailure: Diagnosis(failure)
            case let failure as LedgerReadFailure: Diagnosis(failure)
            case let error as RecoveryCodeError: Diagnosis(error)
            case let error as PictureError: Diagnosis(error)
            case let failure as ImportFailure: Diagnosis(failure)
            case let unfinished as UnfinishedImport: Diagnosis(unfinished)
            case let failure as SheetFailure: Diagnosis(failure)
            case let failure as RosterFailure: Diagnosis(failure)
            case let error as QRError: Diagnosis(error)
            case SheetEntryError.format(let error): Diagnosis(error)
            case is CryptoError, is SheetEntryError: .cryptography
            default: Diagnosis(.failed, "\(error)")
            }
    }

    func say() {
        Console.say("error: " + message)
        for hint in hints { Console.say("hint: " + hint) }
    }

    static let cryptography = Diagnosis(
        .failed, "the cryptographic library failed", hints: ["run 'keyprov doctor' to see which version is installed"])

    /// A signal asked the program to end. As a process it then ends by that signal, see `Interruption`.
    static let interrupted = Diagnosis(.tryAgain, "interrupted")
}

/// Exit codes (`sysexits.h`, as far as they fit).
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case failed = 1
    case usage = 64
    case badInput = 65
    case noDevice = 69
    case inputOutput = 74
    case tryAgain = 75
    case noPermission = 77
}
