import KeyProvision
import SecretFormats
import SheetJobs

/// The sheet of one enrollment.
struct EnrollmentSheet {
    private let file: SheetFile
    private let files: SheetFiles

    /// Opens the file, so that a name that cannot be written is refused before anything is done with the key.
    init(_ file: SheetFile) throws {
        self.file = file
        files = try SheetFiles(file.destination)
    }

    /// - Parameter recovery: to tick off, where the server gave some.
    func put(_ report: EnrollmentReport, recovery: RecoveryCodes? = nil) throws {
        let job = SheetJob(
            output: file.output, medium: .paper(.a4), template: Array(BuiltInTemplate.sheet.text.utf8), total: 1,
            unixTime: World.current.now())
        var entries = [try SheetEntry(report, recovery: recovery)]
        try SheetDrawing.draw(job, next: { entries.popLast() }, put: files.put, endDocument: files.endDocument)
    }
}

extension SheetEntry {
    /// What is on the paper of one enrollment.
    ///
    /// - Parameters:
    ///   - owner: the person's name, where it is known apart from the account.
    ///   - hasSecret: whether what follows from the secret is part of it.
    init(
        _ report: EnrollmentReport, owner: String? = nil, recovery: RecoveryCodes? = nil, hasSecret: Bool = true
    ) throws {
        var record = TokenRecord(credential: report.credential)
        record.serial = report.device.serial
        record.model = report.device.model
        record.owner = owner
        try self.init(record, form: report.form, hasSecret: hasSecret)
        texts[.slot] = report.slot.map(String.init)
        self.recovery = recovery?.codes ?? []
        texts[.date] = UTC.day(World.current.now())
    }
}
