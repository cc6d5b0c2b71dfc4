/// How a job is cut into parts: by what the job is, never by how many programs draw it, so that the same job gives the
/// same bytes on every machine.
///
/// A part is long enough that fonts of its own do not count, and short enough that all parts that are under way fit
/// into a few megabytes.
public struct SheetParts: Sendable {
    /// Entries of the first part, and of each that follows.
    private let first: Int
    private let following: Int
    /// Places of the first page that are gone, places that an entry takes, and places of a page.
    private let skipped: Int
    private let step: Int
    private let places: Int

    /// Entries, about: sheets have 10 kB each, and a part has fonts of 30 kB.
    private static let length = 64
    /// Pictures of pages are larger, and share nothing.
    private static let pictureLength = 4

    /// - Throws: `.malformedJob` or `.template` for what no program draws.
    public init(_ job: SheetJob) throws(SheetFailure) {
        guard let medium = Medium.named(job.medium) else { throw SheetFailure(.malformedJob) }
        let template: Template
        do throws(TemplateError) {
            template = try Template(parsing: job.template, language: job.language)
        } catch {
            throw SheetFailure(.template)
        }
        let length = job.output == .pdf ? Self.length : Self.pictureLength
        switch (template.layout, medium) {
        case (.list, _): self.init(length, places: template.rows(on: medium.page))
        case (.label, .labels(let stock)):
            self.init(
                length, places: stock.count, step: job.secrecy.pageCount, skipped: job.skippedLabels % stock.count)
        default: self.init(length, places: 1, step: job.secrecy.pageCount)
        }
    }

    private init(_ length: Int, places: Int, step: Int = 1, skipped: Int = 0) {
        (self.places, self.step, self.skipped) = (places, step, skipped)
        let ends = { (start: Int) in (length..<length + places).first { (start + $0 * step) % places == 0 } }
        // Two labels for each entry never come to the end of a sheet of fourteen of which one was gone.
        if let first = ends(skipped), let following = ends(0) {
            (self.first, self.following) = (first, following)
        } else {
            (first, following) = (.max, .max)
        }
    }

    /// - Parameter index: from 0.
    /// - Returns: the part, and how many entries it has where there are as many.
    public func part(_ index: Int) -> (part: SheetPart, length: Int) {
        guard index > 0 else { return (SheetPart(), first) }
        let before = first + (index - 1) * following
        return (SheetPart(entriesBefore: before, pagesBefore: (skipped + before * step) / places), following)
    }

    /// How many parts so many entries are; at least one, which says what is wrong with a job without any.
    public func count(of entries: Int) -> Int {
        entries <= first ? 1 : 1 + (entries - first + following - 1) / following
    }
}

extension SheetJob.Secrecy {
    /// Pages, or labels, of an entry.
    public var pageCount: Int { self == .split ? 2 : 1 }
}
