public import ByteBuffers

/// Makes one PDF file of parts that cairo wrote as a file each, and adds a content stream of ours to their pages.
///
/// cairo writes a path as corners in points with six decimals, and compresses them: 43 kB and two fifths of the time of
/// a page went into its QR code. In a stream of its own a run of modules is four small whole numbers. Objects get new
/// numbers, in the order in which they are spoken of, so that ours come between.
///
/// ```
/// 1 Pages ─┬─ Pages of the first part ─┬─ Page ── Contents [ ours, cairo's ]
/// 2 Catalog│                           └─ …
///          └─ Pages of the second part ─ …
/// ```
///
/// What stays of a part is four bytes an object, of which a page has four; see `PDFTable`.
public final class PDFAssembly {
    /// What came from cairo and is not complete.
    private var held = WipedBuffer()
    /// By cairo's number, the one here; of the part that is under way, like all of these.
    private var numbers: [Int: Int] = [:]
    /// For the pages to come, one each; empty for a page that takes nothing.
    private var streams: [WipedBuffer] = []
    /// By cairo's number, what this file has one of.
    private var root: Int?
    private var info: Int?

    private var table = PDFTable(common: catalog)
    /// Numbers of what belongs to no part.
    private static let pages = 1
    private static let catalog = 2
    /// The properties of the file: those of the first part.
    private var properties: Int?
    /// The page trees of the parts.
    private var kids: [Int] = []
    private var pageCount = 0
    /// Bytes that were handed out.
    private var length = 0

    public init() {}

    /// - Parameter stream: operators for the next page of the part, in points from its lower left corner.
    public func add(codes stream: WipedBuffer) { streams.append(stream) }

    /// - Parameter bytes: what cairo wrote since the last time.
    /// - Returns: what the file has more now.
    public func add(_ bytes: WipedBuffer) throws(SheetFailure) -> WipedBuffer {
        held.append(contentsOf: bytes)
        let file = WipedBuffer(capacity: held.count + 4096 + (streams.first?.count ?? 0))
        let rest = WipedBuffer()
        try held.withBytes { (bytes) throws(SheetFailure) in
            var offset = 0
            items: while let item = try PDFObjects.item(in: bytes, at: offset) {
                switch item {
                case .comment(let line):
                    // The version and a line of high bytes, once.
                    if kids.isEmpty { file.append(contentsOf: bytes.extracting(line)) }
                    offset = line.upperBound
                case .object(let object):
                    try put(object, bytes, into: file)
                    offset = object.tail.upperBound
                case .table: break items
                }
            }
            rest.append(contentsOf: bytes.extracting(offset..<bytes.byteCount))
        }
        held = rest
        length += file.count
        return file
    }

    /// All of the part was added.
    public func endPart() throws(SheetFailure) {
        let (root, info) = try held.withBytes { (bytes) throws(SheetFailure) in
            (try PDFObjects.reference("/Root ", in: bytes), try PDFObjects.reference("/Info ", in: bytes))
        }
        guard root == self.root, info == self.info, streams.isEmpty, table.endPart(at: length) else {
            throw SheetFailure(.drawing)
        }
        held = WipedBuffer()
        numbers = [:]
        (self.root, self.info) = (nil, nil)
    }

    /// The rest of the file, in blocks.
    public func end(_ put: (WipedBuffer) throws -> Void) throws {
        guard let properties, numbers.isEmpty, held.isEmpty else { throw SheetFailure(.drawing) }
        let tree = WipedBuffer()
        begin(Self.pages, in: tree)
        tree.append("<< /Type /Pages\n   /Kids [")
        for kid in kids { tree.append(contentsOf: " \(kid) 0 R".utf8) }
        tree.append(contentsOf: " ]\n   /Count \(pageCount)\n>>\nendobj\n".utf8)
        begin(Self.catalog, in: tree)
        tree.append(contentsOf: "<< /Type /Catalog\n   /Pages \(Self.pages) 0 R\n>>\nendobj\n".utf8)
        try put(tree)
        let start = length + tree.count
        try table.forEachBlock(put)
        let trailer = "<< /Size \(table.count + 1) /Root \(Self.catalog) 0 R /Info \(properties) 0 R >>"
        try put(WipedBuffer("trailer\n\(trailer)\nstartxref\n\(start)\n%%EOF\n".utf8))
    }

    private func put(_ object: PDFObjects.Object, _ bytes: RawSpan, into file: WipedBuffer) throws(SheetFailure) {
        // Names and numbers only: what is written on the page is in streams.
        let head = [UInt8](copying: bytes.extracting(object.head))
        var contents: Int?
        var insertion = ""
        if head.starts(with: Self.pageStart) {
            pageCount += 1
            if !streams.isEmpty {
                let stream = streams.removeFirst()
                if !stream.isEmpty { contents = put(stream, into: file) }
            }
        } else if head.starts(with: Self.treeStart) {
            kids.append(number(object.number))
            insertion = "   /Parent \(Self.pages) 0 R\n"
        } else if head.starts(with: Self.catalogStart) {
            root = object.number
            return
        } else if head.starts(with: Self.propertiesStart) {
            info = object.number
            guard properties == nil else { return }
            properties = number(object.number)
        }
        begin(number(object.number), in: file)
        var rest = head[...]
        if !insertion.isEmpty {
            file.append(contentsOf: rest.prefix(Self.treeStart.count))
            file.append(contentsOf: insertion.utf8)
            rest = rest.dropFirst(Self.treeStart.count)
        }
        PDFReferences.forEach(in: rest) { piece in
            switch piece {
            case .bytes(let bytes): file.append(contentsOf: bytes)
            case .reference(let number, let key):
                // The other stream of the page expects nothing of ours, and changes what comes after it.
                let isContents = contents != nil && key == "/Contents"
                if isContents, let contents { file.append(contentsOf: "[ \(contents) 0 R ".utf8) }
                file.append(contentsOf: "\(self.number(number)) 0 R".utf8)
                if isContents { file.append(" ]") }
            }
        }
        file.append(contentsOf: bytes.extracting(object.tail))
    }

    private static let pageStart = Array("<< /Type /Page ".utf8)
    private static let treeStart = Array("<< /Type /Pages\n".utf8)
    private static let catalogStart = Array("<< /Type /Catalog\n".utf8)
    /// The first of the document information dictionary (ISO 32000-1, section 14.3.3) in cairo's order.
    private static let propertiesStart = Array("<< /Producer (".utf8)

    private func put(_ stream: WipedBuffer, into file: WipedBuffer) -> Int {
        let number = table.newNumber()
        begin(number, in: file)
        file.append(contentsOf: "<< /Length \(stream.count) >>\nstream\n".utf8)
        file.append(contentsOf: stream)
        file.append("\nendstream\nendobj\n")
        return number
    }

    private func begin(_ number: Int, in file: WipedBuffer) {
        table.set(number, offset: length + file.count)
        file.append(contentsOf: "\(number) 0 obj\n".utf8)
    }

    private func number(_ number: Int) -> Int {
        if let known = numbers[number] { return known }
        let new = table.newNumber()
        numbers[number] = new
        return new
    }
}
