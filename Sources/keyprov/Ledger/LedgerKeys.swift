import ByteBuffers
import Glibc
import KeyProvision
import Sealing
import SecretFormats

/// To whom the secrets of a ledger are sealed.
struct LedgerKeys {
    /// Those that were named.
    let recipients: [AgeRecipient]
    /// Seals the run with a passphrase instead.
    let passphraseFile: String?
    /// What that option is called, for the hint that it is wanted.
    var passphraseOption = "--passphrase-file"
    let global: GlobalOptions

    private static let passphraseLimit = 4096

    /// Those that were named; those of the ledger; or those of an identity that is made now, and lies beside the ledger
    /// until somebody takes it away.
    func sealing(for ledger: any Ledger, at path: String) throws -> LedgerSealing {
        if let passphraseFile {
            let passphrase = try Files.read(passphraseFile, limit: Self.passphraseLimit).firstLine
            guard passphrase.count > 0 else { throw SealedFileFailure(path: passphraseFile, error: .emptyPassphrase) }
            return LedgerSealing(key: .passphrase(passphrase), ledgerRecipients: nil)
        }
        let known = try LedgerUseFailure.at(path) { () throws(LedgerError) in try ledger.recipients() }
        guard recipients.isEmpty else {
            return LedgerSealing(
                key: .recipients(recipients), ledgerRecipients: nil,
                newRecipients: known == nil ? recipients.map(\.text) : nil)
        }
        guard let known else {
            let own = try ownRecipient(beside: path)
            return LedgerSealing(key: .recipients([own]), ledgerRecipients: [own.text], newRecipients: [own.text])
        }
        // The identity beside it may be the one that it was taken away from.
        guard !known.isEmpty else { throw LedgerUseFailure.passphraseOnly(path, option: passphraseOption) }
        let recipients = try known.map { text in
            do throws(SealError) { return try AgeRecipient(text) } catch {
                throw SealedFileFailure(path: path, error: error)
            }
        }
        return LedgerSealing(key: .recipients(recipients), ledgerRecipients: recipients.map(\.text))
    }

    /// The identity that a ledger gets where nobody named a recipient: beside it, in a file of its own. A link to a
    /// ledger has the identity of the ledger.
    static func ownIdentityPath(beside path: String) -> String { Files.target(of: path) + ".identity" }

    private func ownRecipient(beside path: String) throws -> AgeRecipient {
        let file = Self.ownIdentityPath(beside: path)
        guard !Files.exists(file) else { return try recipient(ofIdentityIn: file) }
        let recipient: AgeRecipient
        do { recipient = try IdentityFile.make(file) } catch let error as FileError where error.number == EEXIST {
            // Another first run was faster. A file appears whole.
            return try self.recipient(ofIdentityIn: file)
        }
        // A secret of its own, which nobody asked for by name.
        global.console.warn(
            "made '\(file)', which opens the secrets of this ledger: keep it elsewhere, and a copy of it")
        return recipient
    }

    private func recipient(ofIdentityIn file: String) throws -> AgeRecipient {
        let text = try Files.read(file, limit: Self.passphraseLimit)
        do throws(SealError) {
            return try text.withBytes { (bytes: RawSpan) throws(SealError) -> AgeRecipient in
                let identities = try AgeIdentity.list(parsing: bytes)
                guard let first = identities.first else { throw .noKeys }
                return first.recipient
            }
        } catch {
            throw SealedFileFailure(path: file, error: error)
        }
    }
}

/// To whom one run seals.
struct LedgerSealing {
    let key: SealingKey
    /// The recipients of the ledger, where the key is sealed to those; nil where it is chosen for the run.
    let ledgerRecipients: [String]?
    /// What a ledger without recipients gets, once a key was sealed to them; nil where it is to stay as it is.
    var newRecipients: [String]?
}
