import KeyProvision
import SecretFormats
import SheetJobs

/// The sheet of one enrollment.
struct EnrollmentSheet {
    private let destination: SheetDestination
    private let files: SheetFiles

    /// Opens the file, so that a name that cannot be written is refused before anything is done with the key.
    init(_ destination: SheetDestination) throws {
        self.destination = destination
        files = try SheetFiles(destination)
    }

    /// - Parameter recovery: to tick off, where the server gave some.
    func put(_ report: EnrollmentReport, recovery: RecoveryCodes? = nil) throws {
        var record = TokenRecord(credential: report.credential)
        record.serial = report.device.serial
        record.model = report.device.model
        var entry = try SheetEntry(record, form: report.form, hasSecret: true)
        entry.texts[.slot] = report.slot.map(String.init)
        entry.recovery = recovery?.codes ?? []
        entry.texts[.date] = UTC.day(World.current.now())
        let job = SheetJob(
            output: destination.output, medium: .paper(.a4), template: Array(BuiltInTemplate.sheet.text.utf8), total: 1,
            unixTime: World.current.now())
        var entries = [entry]
        try SheetDrawing.draw(job, next: { entries.popLast() }, put: files.put, endDocument: files.endDocument)
    }
}
