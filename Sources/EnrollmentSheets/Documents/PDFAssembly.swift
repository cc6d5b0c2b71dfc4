internal import ByteBuffers
internal import SheetJobs

/// Adds a content stream of ours to pages that cairo wrote.
///
/// cairo writes a path as corners in points with six decimals, and compresses them: 43 kB and two fifths of the time of
/// a page went into its QR code. In a stream of its own a run of modules is four small whole numbers. Objects get new
/// numbers, in the order in which they are spoken of, so that ours come between.
final class PDFAssembly {
    /// What came from cairo and is not complete.
    private var held = WipedBuffer()
    /// By cairo's number, the one here.
    private var numbers: [Int: Int] = [:]
    /// By number less one, where the object is in the file; 0 where it has not come yet.
    private var offsets: [Int] = []
    /// Bytes that were handed out.
    private var length = 0
    /// For the pages to come, one each; empty for a page that takes nothing.
    private var streams: [WipedBuffer] = []

    /// - Parameters:
    ///   - bytes: what cairo wrote since the last time.
    ///   - stream: operators for the page that was drawn last, in points from its lower left corner.
    /// - Returns: what the file has more now.
    func add(_ bytes: WipedBuffer, stream: WipedBuffer) throws(SheetFailure) -> WipedBuffer {
        streams.append(stream)
        return try take(bytes)
    }

    /// The rest of the file.
    func end(_ bytes: WipedBuffer) throws(SheetFailure) -> WipedBuffer {
        let file = try take(bytes)
        let (root, info) = try held.withBytes { (bytes) throws(SheetFailure) in
            (try PDFObjects.reference("/Root ", in: bytes), try PDFObjects.reference("/Info ", in: bytes))
        }
        guard let root = numbers[root], let info = numbers[info], streams.isEmpty else { throw SheetFailure(.drawing) }
        let table = length
        file.append(contentsOf: "xref\n0 \(offsets.count + 1)\n0000000000 65535 f \n".utf8)
        for offset in offsets {
            guard offset > 0 else { throw SheetFailure(.drawing) }
            let digits = String(offset).utf8
            file.append(repeating: UInt8(ascii: "0"), count: max(Self.offsetDigits - digits.count, 0))
            file.append(contentsOf: digits)
            file.append(" 00000 n \n")
        }
        file.append(contentsOf: "trailer\n<< /Size \(offsets.count + 1) /Root \(root) 0 R /Info \(info) 0 R >>\n".utf8)
        file.append(contentsOf: "startxref\n\(table)\n%%EOF\n".utf8)
        return file
    }

    /// ISO 32000-1, section 7.5.4.
    private static let offsetDigits = 10

    /// What is complete of that and of what came before.
    func take(_ bytes: WipedBuffer) throws(SheetFailure) -> WipedBuffer {
        held.append(contentsOf: bytes)
        let file = WipedBuffer(capacity: held.count + 4096 + (streams.first?.count ?? 0))
        let rest = WipedBuffer()
        try held.withBytes { (bytes) throws(SheetFailure) in
            var offset = 0
            items: while let item = try PDFObjects.item(in: bytes, at: offset) {
                switch item {
                case .comment(let line):
                    file.append(contentsOf: bytes.extracting(line))
                    offset = line.upperBound
                case .object(let object):
                    put(object, bytes, into: file)
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

    private func put(_ object: PDFObjects.Object, _ bytes: RawSpan, into file: WipedBuffer) {
        // Names and numbers only: what is written on the page is in streams.
        let head = [UInt8](copying: bytes.extracting(object.head))
        var contents: Int?
        if head.starts(with: Self.page), !streams.isEmpty {
            let stream = streams.removeFirst()
            if !stream.isEmpty { contents = put(stream, into: file) }
        }
        begin(number(object.number), in: file)
        PDFReferences.forEach(in: head) { piece in
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

    private static let page = Array("<< /Type /Page ".utf8)

    private func put(_ stream: WipedBuffer, into file: WipedBuffer) -> Int {
        let number = newNumber()
        begin(number, in: file)
        file.append(contentsOf: "<< /Length \(stream.count) >>\nstream\n".utf8)
        file.append(contentsOf: stream)
        file.append("\nendstream\nendobj\n")
        return number
    }

    private func begin(_ number: Int, in file: WipedBuffer) {
        if offsets.indices.contains(number - 1) { offsets[number - 1] = length + file.count }
        file.append(contentsOf: "\(number) 0 obj\n".utf8)
    }

    private func number(_ number: Int) -> Int {
        if let known = numbers[number] { return known }
        let new = newNumber()
        numbers[number] = new
        return new
    }

    private func newNumber() -> Int {
        offsets.append(0)
        return offsets.count
    }
}
