public import ArgumentParser
import ByteBuffers
import SecretFormats
public import SheetJobs

/// Options that say what a page looks like.
struct SheetOptions: ParsableArguments {
    @Option(name: .long, help: "What the pages look like.")
    var template = TemplateName.sheet

    @Option(name: .long, help: "A4, Letter, or the stock number of labels; --list lists them.")
    var paper: MediumName?

    @Option(name: .long, help: "Language of the pages.")
    var language = SheetLanguage.english

    @Option(name: .long, help: ArgumentHelp("A PNG or SVG picture for the head of the page.", valueName: "file"))
    var logo: String?

    @Option(name: .long, help: "Whom to ask, for the page.")
    var contact: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A line of the address in the window of a letter; repeat it for more.", valueName: "line"))
    var address: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Whose the entries are: CSV with the columns account (or serial), name, and lines of the address.",
            valueName: "file"))
    var addresses: String?

    @Flag(name: .long, help: "The secret on one page, everything else on another.")
    var split = false

    @Flag(name: .customLong("with-secret"), help: "Put the secret on labels too.")
    var withSecret = false

    @Option(name: .customLong("skip-labels"), help: "Places of the first sheet of labels that are empty already.")
    var skippedLabels = 0

    private static let logoLimit = 8 << 20

    mutating func validate() throws {
        guard 0...500 ~= skippedLabels else { throw ValidationError("--skip-labels takes 0 to 500") }
        guard addresses == nil || address.isEmpty else { throw ValidationError("--addresses excludes --address") }
    }

    /// Whether the pages have secrets on them.
    func hasSecret() throws -> Bool { hasSecret(try template.read(language).template.layout) }

    private func hasSecret(_ layout: Template.Layout) -> Bool { layout == .page || layout == .label && withSecret }

    /// A job for so many entries, and whether they need their secrets.
    func job(_ output: SheetJob.Output, total: Int) throws -> (job: SheetJob, hasSecret: Bool) {
        let (text, template) = try template.read(language)
        let medium = try Self.medium(paper?.medium, for: template.layout)
        let hasSecret = hasSecret(template.layout)
        let job = SheetJob(
            output: output, medium: medium, language: language, template: text,
            logo: try logo.map { try Files.read($0, limit: Self.logoLimit).withBytes { [UInt8](copying: $0) } } ?? [],
            total: total, secrecy: !hasSecret ? .none : split ? .split : .whole, skippedLabels: skippedLabels,
            unixTime: World.current.now())
        return (job, hasSecret)
    }

    /// The common stock or paper where none is named; labels go on labels, and pages on paper.
    static func medium(_ named: Medium?, for layout: Template.Layout) throws -> Medium {
        switch (layout, named) {
        case (.label, .labels(let stock)?): return .labels(stock)
        case (.page, .paper(let paper)?), (.list, .paper(let paper)?): return .paper(paper)
        case (.page, nil), (.list, nil): return .paper(.a4)
        case (.label, nil): throw CommandFailure.usage("labels need --paper with a stock number", hints: [list])
        case (_, let medium?):
            throw CommandFailure.usage(
                "this template is for \(layout == .label ? "labels" : "pages"), and \(medium.name) is not",
                hints: [list])
        }
    }

    private static let list = "'keyprov sheet --list' lists papers and labels"

    /// What the command line says of every entry.
    ///
    /// - Parameters:
    ///   - book: what `addresses` names, read.
    ///   - number: of the entry, from 1.
    func complete(
        _ entry: SheetEntry, _ book: AddressBook?, number: Int, for job: SheetJob? = nil
    ) throws -> SheetEntry {
        var entry = entry
        try book?.complete(&entry, number: number)
        // A label has room for one name; without any, nobody knew whose it is.
        if entry.texts[.owner] == nil, let job, case .labels? = Medium.named(job.medium) {
            entry.texts[.owner] = entry.texts[.account]
        }
        entry.texts[.contact] = contact
        entry.texts[.date] = UTC.day(World.current.now())
        if !address.isEmpty { entry.texts[.address] = address.joined(separator: "\n") }
        // The window of an envelope shows who it is for, where nobody said where that person lives.
        if entry.texts[.address] == nil { entry.texts[.address] = entry.texts[.owner] ?? entry.texts[.account] }
        return entry
    }
}

/// Paper or labels, by name.
struct MediumName: ExpressibleByArgument, Hashable {
    let medium: Medium

    init?(argument: String) {
        guard let medium = Medium.named(argument) else { return nil }
        self.medium = medium
    }

    static let allValueStrings = Medium.all.map(\.name)
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

extension SheetLanguage: ExpressibleByArgument {}
