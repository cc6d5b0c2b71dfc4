public import ByteBuffers

/// Entries that follow each other and fill whole pages, so that a program can draw them by itself.
public struct SheetPart: Hashable, Sendable {
    /// Of the job, before it.
    public var entriesBefore: Int
    public var pagesBefore: Int

    public init(entriesBefore: Int = 0, pagesBefore: Int = 0) {
        self.entriesBefore = entriesBefore
        self.pagesBefore = pagesBefore
    }

    /// Frames inside `SheetTag.part`, each once, as decimal digits.
    private enum Number {
        static let entries = SheetTag(rawValue: 0x2A)
        static let pages = SheetTag(rawValue: 0x2B)
    }

    public init(parsing bytes: RawSpan) throws(SheetWireError) {
        var (entries, pages): (Int?, Int?)
        try SheetFrame.forEach(in: bytes, of: .part) { (tag, payload) throws(SheetWireError) in
            guard let number = Int(exactly: try payload.sheetNumber(in: tag)), number <= Self.most else {
                throw SheetWireError(in: tag)
            }
            switch tag {
            case Number.entries where entries == nil: entries = number
            case Number.pages where pages == nil: pages = number
            default: throw SheetWireError(in: tag)
            }
        }
        guard let entries, let pages else { throw SheetWireError(in: .part) }
        self.init(entriesBefore: entries, pagesBefore: pages)
    }

    public func append(to buffer: WipedBuffer) {
        SheetFrame.append(.part, to: buffer) { part in
            SheetFrame.append(Number.entries, text: String(entriesBefore), to: part)
            SheetFrame.append(Number.pages, text: String(pagesBefore), to: part)
        }
    }

    /// Far more than a file has room for, and far from where adding to it would overflow.
    private static let most = 1 << 40
}
