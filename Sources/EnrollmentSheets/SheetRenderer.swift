public import ByteBuffers
public import SheetJobs

/// Draws parts of a job: entries in, bytes of documents out, page by page.
///
/// Every code of a page is read back from the page as it is drawn before anything of that page is handed out.
public final class SheetRenderer {
    /// What goes out.
    public enum Output {
        /// Of a picture, or of a part of a PDF file as `PDFAssembly` takes it.
        case block(WipedBuffer)
        /// The content stream with the codes of the next page, for `PDFAssembly` too.
        case codes(WipedBuffer)
        /// A picture is complete.
        case documentEnd
    }

    private let job: SheetJob
    private let medium: Medium
    private let template: Template
    private let composer: PageComposer
    private let inventory: InventoryPages?
    private let rowsPerPage: Int
    private let check: CodeCheck
    private let put: (Output) -> Void
    private var pdf: PDFDocument?
    /// Entries of the job so far, and pages.
    private var count = 0
    private var pageCount = 0
    /// The sheet of labels that is being filled, and how many of its places are taken.
    private var sheet: Page?
    private var taken = 0
    /// Rows of the table that is being filled.
    private var rows: [SheetEntry] = []

    /// - Parameter put: takes what is finished.
    public init(_ job: SheetJob, put: @escaping (Output) -> Void) throws(SheetFailure) {
        guard let medium = Medium.named(job.medium) else { throw SheetFailure(.malformedJob) }
        let template: Template
        do throws(TemplateError) {
            template = try Template(parsing: job.template, language: job.language)
        } catch {
            throw SheetFailure(.template)
        }
        if case .paper = medium, template.layout == .label { throw SheetFailure(.medium) }
        if case .labels = medium, template.layout != .label { throw SheetFailure(.medium) }
        self.job = job
        self.medium = medium
        self.template = template
        self.put = put
        check = try CodeCheck()
        composer = try PageComposer(
            template, language: job.language, logo: job.logo.isEmpty ? nil : try Logo(job.logo))
        inventory = template.layout == .list ? InventoryPages(template, composer) : nil
        rowsPerPage = template.rows(on: medium.page)
        if template.layout == .list, inventory == nil { throw SheetFailure(.medium) }
    }

    /// A part begins. Whatever was shaped for the last one is used again.
    public func begin(_ part: SheetPart) throws(SheetFailure) {
        (count, pageCount) = (part.entriesBefore, part.pagesBefore)
        taken = part.entriesBefore == 0 ? job.skippedLabels : 0
        guard job.output == .pdf else { return }
        pdf = try PDFDocument(medium.page, title: template.title, date: CalendarTime.day(job.unixTime))
    }

    public func add(_ entry: SheetEntry) throws(SheetFailure) {
        count += 1
        switch template.layout {
        case .page: try addPages(entry)
        case .label: try addLabel(entry)
        case .list:
            rows.append(entry)
            if rows.count == rowsPerPage { try finishTable() }
        }
    }

    public func endPart() throws(SheetFailure) {
        if let sheet { try finish(sheet) }
        sheet = nil
        if !rows.isEmpty { try finishTable() }
        guard let pdf else { return }
        put(.block(try pdf.end()))
        self.pdf = nil
    }

    private func addPages(_ entry: SheetEntry) throws(SheetFailure) {
        for mode in PageMode.modes(job.secrecy) {
            var page = emptyPage
            try composer.add(subject(entry, mode), to: &page, area: Rectangle(whole: medium.page))
            try finish(page)
        }
    }

    private func addLabel(_ entry: SheetEntry) throws(SheetFailure) {
        guard case .labels(let stock) = medium else { throw SheetFailure(.medium) }
        for mode in PageMode.modes(job.secrecy) {
            var page = sheet ?? emptyPage
            let origin = stock.origin(taken % stock.count)
            let area = Rectangle(x: origin.x, y: origin.y, width: stock.width, height: stock.height)
            try composer.add(subject(entry, mode), to: &page, area: area)
            taken += 1
            sheet = page
            if taken % stock.count == 0 {
                sheet = nil
                try finish(page)
            }
        }
    }

    private func finishTable() throws(SheetFailure) {
        guard let inventory else { return }
        var page = emptyPage
        // The head of the page belongs to no entry.
        let head = PageComposer.Subject(
            entry: SheetEntry(), number: 0, total: job.total, page: pageCount + 1, mode: .open)
        try composer.add(head, to: &page, area: Rectangle(whole: medium.page))
        try inventory.add(rows, first: count - rows.count + 1, to: &page, paper: medium.page)
        rows = []
        try finish(page)
    }

    private func finish(_ page: Page) throws(SheetFailure) {
        pageCount += 1
        try check.check(page)
        switch job.output {
        case .pdf:
            guard let pdf else { throw SheetFailure(.malformedJob) }
            put(.codes(PDFCodes.stream(page)))
            put(.block(try pdf.add(page)))
        case .png: try finish(picture: Picture.png(page))
        case .svg: try finish(picture: Picture.svg(page))
        }
    }

    private func finish(picture: WipedBuffer) throws(SheetFailure) {
        put(.block(picture))
        put(.documentEnd)
    }

    private func subject(_ entry: SheetEntry, _ mode: PageMode) -> PageComposer.Subject {
        PageComposer.Subject(entry: entry, number: count, total: job.total, page: pageCount + 1, mode: mode)
    }

    private var emptyPage: Page { Page(width: medium.page.width, height: medium.page.height) }
}

extension Rectangle {
    fileprivate init(whole page: (width: Double, height: Double)) {
        self.init(x: 0, y: 0, width: page.width, height: page.height)
    }
}
