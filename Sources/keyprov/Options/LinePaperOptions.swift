import ArgumentParser
import SheetJobs

/// Options that say what paper comes with each key of a batch.
struct LinePaperOptions: ParsableArguments {
    @Option(
        name: .customLong("sheet-dir"),
        help: ArgumentHelp(
            "Put an enrollment sheet for each entry into this folder, sealed where --recipient is given.",
            valueName: "dir"))
    var folder: String?

    @Option(
        name: .customLong("print"),
        help: ArgumentHelp("Print one for each entry on this queue; 'default' is a name too.", valueName: "queue"))
    var queue: String?

    @Option(name: .long, help: "What it looks like.")
    var template = TemplateName.sheet

    @Option(name: .long, help: "A4, Letter, or the stock number of a label; 'keyprov sheet --list' lists them.")
    var paper: MediumName?

    mutating func validate() throws {
        if folder == nil, queue == nil, paper != nil || template != .sheet {
            throw ValidationError("--template and --paper belong to --sheet-dir or --print")
        }
    }

    /// nil where none was asked for.
    func paper(
        _ form: FormOptions, sealedTo recipients: RecipientOptions, _ console: Console
    ) throws -> LinePaper? {
        guard folder != nil || queue != nil else { return nil }
        let (text, template) = try template.read(.english)
        return try LinePaper(
            folder: folder, queue: queue, recipients: recipients, text: text, layout: template.layout,
            medium: SheetOptions.medium(paper?.medium, for: template.layout), form: form, console: console)
    }
}
