public import ByteBuffers
public import SheetJobs

/// Draws a job: entries in, bytes of documents out, page by page.
///
/// Every code of a page is read back from the page as it is drawn before anything of that page is handed out.
public final class SheetRenderer {
    /// What goes out.
    public enum Output {
        case block(WipedBuffer)
        case documentEnd
    }

    private let job: SheetJob
    private let medium: Medium
    private let template: Template
    private let composer: PageComposer
    private let inventory: InventoryPages?
    private let check: CodeCheck
    private let put: (Output) -> Void
    private var pdf: PDFDocument?
    /// Entries so far, and pages.
    private var count = 0
    private var pageCount = 0
    /// The sheet of labels that is being filled, and how many of its places are taken.
    private var sheet: Page?
    private var taken: Int
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
        taken = job.skippedLabels
        check = try CodeCheck()
        composer = try PageComposer(
            template, language: job.language, logo: job.logo.isEmpty ? nil : try Logo(job.logo))
        inventory = template.layout == .list ? InventoryPages(template, composer) : nil
        if template.layout == .list, inventory == nil { throw SheetFailure(.medium) }
        if job.output == .pdf {
            pdf = try PDFDocument(medium.page, title: template.title, date: CalendarTime.day(job.unixTime))
        }
    }

    public func add(_ entry: SheetEntry) throws(SheetFailure) {
        count += 1
        switch template.layout {
        case .page: try addPages(entry)
        case .label: try addLabel(entry)
        case .list:
            rows.append(entry)
            if let inventory, rows.count == inventory.capacity(medium.page) { try finishTable() }
        }
    }

    public func end() throws(SheetFailure) {
        if let sheet { try finish(sheet) }
        sheet = nil
        if !rows.isEmpty { try finishTable() }
        guard let pdf else { return }
        put(.block(try pdf.end()))
        put(.documentEnd)
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
        case .pdf: if let pdf { put(.block(try pdf.add(page))) }
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
