import Glibc
import KeyProvision
import SecretFormats
import SheetJobs
import Synchronization

/// A sheet or label for each entry of a batch: as a file, see `SheetName`, or on a printer.
///
/// The file is there before the entry counts as done, so that none is missing after a power cut; the paper comes after that, as
/// it cannot be taken back.
final class LinePaper: Sendable {
    private let folder: String?
    private let queue: String?
    private let recipients: RecipientOptions
    private let text: [UInt8]
    private let layout: Template.Layout
    private let medium: Medium
    private let formOptions: FormOptions
    private let console: Console
    private let forms = Mutex<[String: FilledForm]>([:])

    /// - Parameter recipients: whom the files are sealed to; what is printed is not.
    init(
        folder: String?, queue: String?, recipients: RecipientOptions, text: [UInt8], layout: Template.Layout,
        medium: Medium, form: FormOptions, console: Console
    ) throws(FileError) {
        (self.folder, self.queue, self.text, self.layout) = (folder, queue, text, layout)
        (self.recipients, self.medium, formOptions, self.console) = (recipients, medium, form, console)
        if let folder { try Files.makeWritableFolder(folder) }
    }

    /// Refuses an entry whose file has a name that is taken, unless an attempt of its own may have made the file, and one with
    /// a profile that does not take its options.
    func check(_ entry: LedgerEntry) throws {
        _ = try form(of: entry.roster)
        guard let path = path(of: entry.roster), entry.attempt == nil, Files.exists(path) else { return }
        throw FileError(.create, path, number: EEXIST)
    }

    /// - Returns: where the file is, where there is one.
    func save(_ entry: LedgerEntry, _ made: Made) throws -> String? {
        guard let path = path(of: entry.roster) else { return nil }
        if Files.exists(path) { console.warn(Phrases.putAside(path, as: try Files.putAside(path))) }
        let files = try SheetFiles(.file(path, .pdf), sealedTo: isSealed ? recipients : nil)
        var pages = [try page(entry, made)]
        try SheetDrawing.draw(
            job(), next: { pages.popLast() }, put: files.put, endDocument: files.endDocument)
        return path
    }

    func print(_ entry: LedgerEntry, _ made: Made) throws {
        guard let queue else { return }
        var pages = [try page(entry, made)]
        try PrintQueues.print(job(), next: { pages.popLast() }, on: queue, paper: medium, console)
    }

    /// What a key got.
    struct Made {
        let credential: Credential
        let device: DeviceInfo
        let isVirtual: Bool
        let slot: Int?
        let verification: Verification
    }

    /// Labels stick on keys for everybody to see.
    private var hasSecret: Bool { layout == .page }

    private var isSealed: Bool { hasSecret && !recipients.isEmpty }

    private func job() -> SheetJob {
        SheetJob(
            output: .pdf, medium: medium, template: text, total: 1, secrecy: hasSecret ? .whole : .none,
            unixTime: World.current.now())
    }

    private func page(_ entry: LedgerEntry, _ made: Made) throws -> SheetEntry {
        let report = EnrollmentReport(
            credential: made.credential, form: try form(of: entry.roster), uri: try OTPAuthURI.encode(made.credential),
            device: made.device, isVirtual: made.isVirtual, slot: made.slot, verification: made.verification)
        return try SheetEntry(report, owner: entry.roster.owner ?? entry.roster.account, hasSecret: hasSecret)
    }

    private func form(of entry: RosterEntry) throws -> FilledForm {
        guard let profile = entry.profile else { return try form(formOptions, key: "") }
        var options = formOptions
        options.profile = profile
        return try form(options, key: profile)
    }

    /// - Parameter key: the profile's name, empty for the batch's.
    private func form(_ options: FormOptions, key: String) throws -> FilledForm {
        if let known = forms.withLock({ $0[key] }) { return known }
        let form = try options.form()
        forms.withLock { $0[key] = form }
        return form
    }

    private func path(of entry: RosterEntry) -> String? {
        folder.map { "\($0)/\(SheetName(entry).text).pdf\(isSealed ? ".age" : "")" }
    }
}

/// What the file of an entry is called: another one for each entry of a batch, which tells them apart by account, issuer and
/// copy.
///
///     ACCOUNT   ACCOUNT #2   ACCOUNT, ISSUER   ACCOUNT, ISSUER #2       the issuer where the roster gives one
///
/// A comma, a slash, a number sign or a percent sign of theirs is written as in a URI.
struct SheetName: Hashable {
    let text: String

    init(_ entry: RosterEntry) {
        let parts = [entry.account, entry.issuer].compactMap { $0 }.map(Self.escaped)
        text = FileName.safe(parts.joined(separator: ", ")) + (entry.copy > 1 ? " #\(entry.copy)" : "")
    }

    private static func escaped(_ part: String) -> String {
        part.reduce(into: "") { name, character in name += escapes[character] ?? String(character) }
    }

    private static let escapes: [Character: String] = ["%": "%25", ",": "%2C", "/": "%2F", "#": "%23"]
}
