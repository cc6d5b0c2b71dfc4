import DirectoryExchange
import KeyProvision
import SecretFormats

extension Diagnosis {
    init(_ failure: RosterFailure) {
        switch failure {
        case .refused(let count, let isCutOff, let name):
            let number = count == 1 && !isCutOff ? "one problem" : "\(isCutOff ? "more than " : "")\(count) problems"
            self.init(
                .badInput, "'\(name)' has \(number)",
                hints: ["what a roster may hold stands in Docs/roster.md; nothing was done with it"])
        case .problem(let error, let name, let isDirectory):
            self.init(.badInput, "'\(name)': " + error.text(isDirectory: isDirectory))
        case .changed(let name):
            self.init(
                .tryAgain, "'\(name)' was changed after it had been checked", hints: ["start again with the new one"])
        case .directory(let failure, let url): self.init(failure, url: url)
        case .noPassword(let name):
            self.init(
                .noPermission, "there is no password for '\(name)'",
                hints: ["--bind-password-file names a file with it"])
        case .noSuchFamily(let name, let known):
            self.init(
                .usage, "there is no family of keys '\(name)'", hints: ["families: " + known.joined(separator: ", ")])
        }
    }

    private init(_ failure: DirectoryFailure, url: String) {
        // What a server says of itself, or the library of its certificate.
        let said = failure.text.isEmpty ? "" : " (\(failure.text))"
        switch (failure.stage, failure.code) {
        case (.setup, .parameterError): self.init(.usage, "'\(url)' is no URL of a directory")
        case (.setup, _): self.init(.failed, "libldap does not start: error \(failure.code.rawValue)\(said)")
        case (.identifying, _):
            self.init(
                .badInput, "--ldap-certificate and --ldap-key cannot be used\(said)",
                hints: ["both are PEM; the key is that of the certificate, and without a passphrase"])
        case (.connecting, _):
            self.init(
                .inputOutput, "the directory '\(url)' does not answer\(said)",
                hints: ["is the name right, and the port? 389 is that of ldap, 636 that of ldaps"])
        case (.encrypting, _):
            self.init(
                .inputOutput, "no encrypted connection to '\(url)'\(said)",
                hints: [
                    "--ca-file names the authority that signed the server's certificate",
                    "the name in the URL has to be one of those in the certificate",
                ])
        case (.limit, _):
            self.init(.failed, "the directory gives more entries than a roster can have", hints: [Self.narrower])
        case (_, .invalidCredentials), (_, .inappropriateAuthentication):
            self.init(
                .noPermission, "the directory does not take the name and password, or the certificate\(said)",
                hints: ["--bind-dn and --bind-password-file, or --ldap-certificate, say who we are"])
        case (_, .insufficientAccessRights), (_, .authMethodNotSupported), (_, .strongerAuthRequired),
            (_, .confidentialityRequired):
            self.init(
                .noPermission, "the directory does not let us in\(said)",
                hints: ["--bind-dn and --bind-password-file, or --ldap-certificate, log in as somebody"])
        case (_, .noSuchObject):
            self.init(
                .badInput, "the directory has no such --base\(said)",
                hints: ["some directories say so to who may not read it: --bind-dn logs in"])
        case (_, .invalidDNSyntax): self.init(.badInput, "--base or --bind-dn is no name of a directory\(said)")
        case (_, .filterError): self.init(.badInput, "--filter is no filter of a directory, as '(objectClass=person)'")
        case (_, .sizeLimitExceeded), (_, .adminLimitExceeded), (_, .timeLimitExceeded):
            self.init(
                .failed, "the directory gives only a part of the entries\(said)",
                hints: [Self.narrower, "log in as somebody who may read all, with --bind-dn"])
        case (_, .referral):
            self.init(
                .failed, "the directory sends us to another server\(said)", hints: ["name that one in --from-ldap"])
        case (_, .busy), (_, .unavailable), (_, .unwillingToPerform), (_, .timeout), (_, .serverDown):
            self.init(.tryAgain, "the directory broke off: error \(failure.code.rawValue)\(said)")
        default: self.init(.failed, "the directory refuses: error \(failure.code.rawValue)\(said)")
        }
    }

    private static let narrower = "ask for fewer, with --base or --filter"
}

enum DirectoryWords {
    static func references(_ count: Int) -> String {
        count == 1
            ? "the directory refers to another server, which was not asked"
            : "the directory refers to other servers, \(count) times, which were not asked"
    }
}

extension RosterError {
    /// For instance `line 7: slot: not a number`.
    ///
    /// - Parameter isDirectory: whether there are no lines to look at.
    func text(isDirectory: Bool) -> String {
        let owner = knownAccount.map { " ('\($0)')" } ?? ""
        let start = place.map { $0.text(isDirectory: isDirectory) + owner + ": " } ?? ""
        return start + (column.map { $0.rawValue + ": " } ?? "") + reason(isDirectory)
    }

    private func reason(_ isDirectory: Bool) -> String {
        switch kind {
        case .unreadable: "cannot be read"
        case .notText: "not UTF-8; spreadsheets write it as 'CSV UTF-8'"
        case .empty: "there is no entry"
        case .malformed(let reason): reason.text
        case .namelessColumn(let number): "column \(number) has no name"
        case .unknownColumn(let number, let perhaps): "column \(number) is none of a roster" + Self.question(perhaps)
        case .unknownMember(let number, let perhaps):
            "member \(number) is no column of a roster" + Self.question(perhaps)
        case .duplicateColumn: "there are two columns for it"
        case .cellCount(let count, let expected): "\(count) cells, and the first line has \(expected)"
        case .missing: "missing"
        case .notANumber: "not a number"
        case .outOfRange(let range): "not from \(range.lowerBound) to \(range.upperBound)"
        case .controlCharacter(let position): "a control character or line break at position \(position)"
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .otherKind: "several values, or a value of another kind"
        case .excluded(let column): "several keys at once, and a \(column.rawValue) that only one can have"
        case .duplicate(let first): "the same as in \(first.text(isDirectory: isDirectory))"
        case .objection(let objection): objection.text
        }
    }

    /// Without what was put into that column by mistake.
    var knownAccount: String? { account.flatMap { MistakenSecret.isLikely($0) ? nil : $0 } }

    private static func question(_ meant: String?) -> String { meant.map { "; did you mean '\($0)'?" } ?? "" }

    /// A word for scripts.
    var word: String {
        switch kind {
        case .unreadable: "unreadable"
        case .notText: "not text"
        case .empty: "empty"
        case .malformed: "malformed"
        case .unknownColumn, .unknownMember, .namelessColumn: "unknown column"
        case .duplicateColumn: "duplicate column"
        case .cellCount: "cell count"
        case .missing: "missing"
        case .notANumber: "not a number"
        case .outOfRange: "out of range"
        case .controlCharacter: "control character"
        case .tooLong: "too long"
        case .otherKind: "other kind"
        case .excluded: "excluded"
        case .duplicate: "duplicate"
        case .objection: "objection"
        }
    }
}

extension RosterPlace {
    fileprivate func text(isDirectory: Bool) -> String {
        if isDirectory, let row { "entry \(row)" } else { "line \(line)" }
    }
}

extension RosterObjection {
    fileprivate var text: String {
        switch self {
        case .label(let error): error.reason.text
        case .device(let error): Diagnosis(error).message
        case .profile(let reason): String(reason.trimmingPrefix("--profile: "))
        case .unknownProfile(let name): "there is no profile '\(MistakenSecret.removed([name], from: name))'"
        }
    }
}
