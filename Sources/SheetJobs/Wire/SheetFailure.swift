public import ByteBuffers

/// Why no pages came. It holds nothing of an entry but its number.
public struct SheetFailure: Error, Hashable, Sendable {
    public enum Code: UInt8, CaseIterable, Sendable {
        /// The job broke the form in which it is handed over.
        case malformedJob = 1
        /// A template that `Template` refuses.
        case template
        /// The code does not read, or reads as something else, on the page as it is drawn.
        case codeUnreadable
        /// The code has more modules than its place has room for.
        case codeTooSmall
        /// More text than any code holds.
        case codeTooLong
        /// The secret does not fit into its place, however small it is printed.
        case secretTooLong
        /// A character that no installed font has.
        case noGlyph
        /// There is no font at all.
        case noFont
        /// The logo is no picture that can be read.
        case logo
        /// cairo gave up: no memory, mostly.
        case drawing
        /// The template is for labels and the medium is not, or the other way round.
        case medium
    }

    public let code: Code
    /// The entry, counted from 1; 0 where it is none's.
    public let entry: Int

    public init(_ code: Code, entry: Int = 0) {
        self.code = code
        self.entry = entry
    }

    private enum Part {
        static let code = SheetTag(rawValue: 0x61)
        static let entry = SheetTag(rawValue: 0x62)
    }

    public init(parsing bytes: RawSpan) throws(SheetWireError) {
        var (code, entry): (Code?, Int?)
        try SheetFrame.forEach(in: bytes, of: .failure) { (tag, payload) throws(SheetWireError) in
            let number = try payload.sheetNumber(in: tag)
            switch tag {
            case Part.code: code = Code(rawValue: UInt8(clamping: number))
            case Part.entry: entry = Int(clamping: number)
            default: throw SheetWireError(in: tag)
            }
        }
        guard let code, let entry else { throw SheetWireError(in: .failure) }
        self.init(code, entry: entry)
    }

    public func append(to buffer: WipedBuffer) {
        SheetFrame.append(.failure, to: buffer) { failure in
            SheetFrame.append(Part.code, text: String(code.rawValue), to: failure)
            SheetFrame.append(Part.entry, text: String(entry), to: failure)
        }
    }
}
