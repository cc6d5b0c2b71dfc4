import KeyProvision
import SecretFormats

/// What is made for each entry of a batch, and what is done with it.
final class LineWork: Sendable {
    let issuer: String?
    let credential: CredentialOptions
    let writing: WriteOptions
    let paper: LinePaper?

    init(issuer: String?, credential: CredentialOptions, writing: WriteOptions, paper: LinePaper?) {
        self.issuer = issuer
        self.credential = credential
        self.writing = writing
        self.paper = paper
    }

    func label(of entry: RosterEntry) throws(FormatError) -> Label {
        try Label(issuer: entry.issuer ?? issuer, account: entry.account)
    }

    func options(of entry: RosterEntry) -> WriteOptions {
        WriteOptions(touch: writing.touch, slot: entry.slot ?? writing.slot, pin: writing.pin)
    }

    /// A credential with a secret of its own.
    func prepare(_ entry: LedgerEntry) throws -> (Credential, WriteOptions) {
        try paper?.check(entry)
        return (try credential.generate(label(of: entry.roster)), options(of: entry.roster))
    }
}
