import Glibc
import KeyProvision
import SecretFormats
import SheetJobs
import Synchronization

/// A sheet or label for each entry of a batch: as a file `ACCOUNT.pdf`, for the second key of an account `ACCOUNT-2.pdf`, or on
/// a printer.
///
/// The file is there before the entry counts as done, so that none is missing after a power cut; the paper comes after that, as
/// it cannot be taken back.
final class LinePaper: Sendable {
    private let folder: String?
    private let queue: String?
    private let text: [UInt8]
    private let layout: Template.Layout
    private let medium: Medium
    private let formOptions: FormOptions
    private let console: Console
    private let forms = Mutex<[String: FilledForm]>([:])

    init(
        folder: String?, queue: String?, text: [UInt8], layout: Template.Layout, medium: Medium, form: FormOptions,
        console: Console
    ) throws(FileError) {
        (self.folder, self.queue, self.text, self.layout) = (folder, queue, text, layout)
        (self.medium, formOptions, self.console) = (medium, form, console)
        if let folder { try Files.makeFolder(folder) }
    }

    /// Refuses an entry whose file has a name that is taken by something else than an attempt of its own, and one with a
    /// profile that does not take its options.
    func check(_ entry: LedgerEntry) throws {
        _ = try form(of: entry.roster)
        guard let path = path(of: entry.roster), entry.attempt == nil, Files.exists(path) else { return }
        throw FileError(.create, path, number: EEXIST)
    }

    /// - Returns: where the file is, where there is one.
    func save(_ entry: LedgerEntry, _ made: Made) throws -> String? {
        guard let path = path(of: entry.roster) else { return nil }
        // Of an attempt that was not recorded as done: the secret on it is no longer the one that counts.
        if entry.attempt != nil { try Files.remove(path) }
        let files = try SheetFiles(.file(path, .pdf))
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
        folder.map { "\($0)/\(FileName.safe(entry.account))\(entry.copy > 1 ? "-\(entry.copy)" : "").pdf" }
    }
}
