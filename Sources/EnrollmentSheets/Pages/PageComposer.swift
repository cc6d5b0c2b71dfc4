internal import SecretFormats
internal import SheetJobs

/// Puts a template's elements, filled in with an entry, on a page.
final class PageComposer {
    let setter: TextSetter
    let wording: Wording
    private let template: Template
    private let logo: Logo?

    /// What is drawn now.
    struct Subject {
        let entry: SheetEntry
        /// From 1.
        let number: Int
        let total: Int
        /// From 1.
        let page: Int
        let mode: PageMode
    }

    init(_ template: Template, language: SheetLanguage, logo: Logo?) throws(SheetFailure) {
        self.template = template
        self.logo = logo
        wording = Wording(language)
        setter = try TextSetter()
    }

    /// Adds all of an entry.
    ///
    /// - Parameter area: where on the page, in millimeters.
    func add(_ subject: Subject, to page: inout Page, area: Rectangle) throws(SheetFailure) {
        do throws(SheetFailure) {
            for element in template.elements where subject.mode.shows(element.part) && holds(element, subject) {
                let box = element.box.resolved(width: area.width, height: area.height).moved(x: area.x, y: area.y)
                try add(element.content, subject, box.inPoints, to: &page)
            }
        } catch {
            throw SheetFailure(error.code, entry: subject.number)
        }
    }

    private func holds(_ element: Template.Element, _ subject: Subject) -> Bool {
        switch element.condition {
        case nil: true
        case .value(let name)?: subject.entry.texts[name] != nil
        case .codes?: !subject.entry.codes.isEmpty
        case .fields?: !subject.entry.fields.isEmpty
        case .recovery?: !subject.entry.recovery.isEmpty
        }
    }

    private func add(
        _ content: Template.Content, _ subject: Subject, _ box: Rectangle, to page: inout Page
    ) throws(SheetFailure) {
        switch content {
        case .text(let style, let segments): try addText(style, segments, subject, box, to: &page)
        case .list(let style, let paragraphs):
            try addList(style, paragraphs, subject, box, to: &page)
        case .rows(let style, let names, let labels): try addRows(style, names, labels, subject, box, to: &page)
        case .fields(let style): try addFields(style, subject, box, to: &page)
        case .codes(let style): try addCodes(style, subject, box, to: &page)
        case .recovery(let style, let columns): try addRecovery(style, columns, subject, box, to: &page)
        case .qr(let correction): try addCode(correction, subject, box, to: &page)
        case .rule(let thickness, let isDashed):
            // A rule lies along the longer side of its place; without a height it is level.
            let line = Rectangle(x: box.x, y: box.y, width: box.width, height: 0)
            page.marks.append(.rule(line, thickness: Page.points(thickness), isDashed: isDashed))
        case .frame(let thickness): page.marks.append(.frame(box, thickness: Page.points(thickness)))
        case .logo: if let logo { page.marks.append(.logo(logo, box)) }
        // Tables hold many entries; see `InventoryPages`.
        case .table: break
        }
    }

    private func addText(
        _ style: Template.TextStyle, _ segments: [Template.Segment], _ subject: Subject, _ box: Rectangle,
        to page: inout Page
    ) throws(SheetFailure) {
        let text: TextLayout
        if case .literal(let fixed)? = segments.first, segments.count == 1 {
            text = try setter.fixed(fixed, style, width: box.width, height: box.height)
        } else {
            guard let pieces = pieces(segments, subject) else { return }
            text = try setter.fit(pieces, style, width: box.width, height: box.height)
        }
        place(text, style, box, on: &page)
    }

    /// nil where the entry lacks a value: a text with a hole is no text.
    func pieces(_ segments: [Template.Segment], _ subject: Subject) -> [TextSetter.Piece]? {
        var pieces: [TextSetter.Piece] = []
        for segment in segments {
            switch segment {
            case .literal(let text): pieces.append(.text(text))
            case .number: pieces.append(.text(String(subject.number)))
            case .total: pieces.append(.text(String(subject.total)))
            case .page: pieces.append(.text(String(subject.page)))
            case .words: pieces.append(.text(wording.words(for: subject.entry)))
            case .secret:
                guard let secret = subject.entry.secret else { return nil }
                pieces.append(.secret(secret))
            case .value(let name):
                guard let text = shown(name, subject.entry) else { return nil }
                pieces.append(.text(text))
            }
        }
        return pieces
    }

    func shown(_ name: SheetEntry.Name, _ entry: SheetEntry) -> String? {
        guard let text = entry.texts[name], !text.isEmpty else { return nil }
        return DisplayText.shown(text, keepsLines: name == .address)
    }

    func place(_ text: TextLayout, _ style: Template.TextStyle, _ box: Rectangle, on page: inout Page) {
        let height = text.size.height
        let y =
            switch style.verticalAlignment {
            case .top: box.y
            case .middle: box.y + max(box.height - height, 0) / 2
            case .bottom: box.y + max(box.height - height, 0)
            }
        let overhang = text.overhang
        let clip =
            overhang > Self.allowedOverhang || height > box.height + Self.allowedOverhang
            ? Rectangle(
                x: box.x, y: y - Self.allowedOverhang, width: box.width,
                height: max(box.height, height) + 2 * Self.allowedOverhang) : nil
        page.marks.append(.text(text, x: box.x, y: y, clip: clip))
    }

    /// Points: accents on capitals of large type go that far beyond their line.
    private static let allowedOverhang = 3.0

    private func addCode(
        _ correction: Template.Correction, _ subject: Subject, _ box: Rectangle, to page: inout Page
    ) throws(SheetFailure) {
        guard let uri = subject.entry.uri else { return }
        guard let level = QRCode.Correction(rawValue: correction.rawValue) else { return }
        let code: QRCode
        do throws(QRError) {
            code = try QRCode(encoding: uri, correction: level)
        } catch {
            throw SheetFailure(.codeTooLong)
        }
        let modules = Double(code.size + 2 * QRCode.quietZone)
        let side = min(box.width, box.height)
        // Whole dots of a printer with 600 of them an inch, so that all modules come out alike.
        let dots = (side / modules / Self.dot).rounded(.down)
        guard dots >= Self.fewestDots else { throw SheetFailure(.codeTooSmall) }
        let module = dots * Self.dot
        let area = Rectangle(x: box.x, y: box.y, width: module * modules, height: module * modules)
        let quiet = module * Double(QRCode.quietZone)
        page.marks.append(.code(code, x: area.x + quiet, y: area.y + quiet, module: module))
        page.codes.append(Page.Code(area: area, module: module, text: uri, entry: subject.number))
    }

    private static let dot = Page.pointsPerInch / 600
    /// 0.25 mm: below that printers and phones give up.
    private static let fewestDots = 6.0
}
