internal import ByteBuffers
internal import CLibXML2

/// The elements of an XML document, one after another, in the memory of one.
///
/// Nothing outside the document is looked at: no network, no DTD, no entities beyond XML's five. A document type
/// declaration is refused, since none of the formats here has one and it is where all attacks start.
@safe final class XMLStream {
    private let reader: xmlTextReaderPtr
    // libxml2 has its address, for as long as the reader lives.
    private let input: XMLInput

    /// Elements within elements. PSKC has ten.
    private static let deepest = 64
    /// Bytes of the text in one element.
    static let longestText = 1 << 16

    init(_ source: any ByteSource) throws(FormatError) {
        guard XMLLibrary.isReady else { throw FormatError(.unsupported, .libraryFailed) }
        let input = XMLInput(source)
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        guard
            let reader = unsafe xmlReaderForIO(
                { context, target, length in
                    guard let context = unsafe context, let target = unsafe target else { return -1 }
                    let input = unsafe Unmanaged<XMLInput>.fromOpaque(context).takeUnretainedValue()
                    return unsafe input.read(into: UnsafeMutableRawBufferPointer(start: target, count: Int(length)))
                },
                { _ in 0 }, Unmanaged.passUnretained(input).toOpaque(), nil, nil, Int32(options))
        else { throw FormatError(.unsupported, .libraryFailed) }
        unsafe kp_xml_silence(reader)
        unsafe self.reader = reader
        self.input = input
    }

    deinit { unsafe xmlFreeTextReader(reader) }

    /// The line of the current element. The parser itself is ahead, by as much as it has read.
    var line: Int {
        // Negative for what is no element.
        let line = unsafe xmlTextReaderCurrentNode(reader).map { unsafe xmlGetLineNo($0) } ?? 0
        return line > 0 ? line : unsafe Int(xmlTextReaderGetParserLineNumber(reader))
    }

    /// Whether the current element has this local name, in capital or small letters: privacyIDEA writes small ones.
    func isElement(_ name: StaticString) -> Bool {
        unsafe Self.equals(xmlTextReaderConstLocalName(reader), name)
    }

    func isInNamespace(_ name: StaticString) -> Bool {
        unsafe Self.equals(xmlTextReaderConstNamespaceUri(reader), name)
    }

    /// An attribute of the current element, in capital or small letters; nil where there is none.
    func attribute(_ name: StaticString) throws(FormatError) -> String? {
        var found: String?
        while unsafe xmlTextReaderMoveToNextAttribute(reader) == 1 {
            guard isElement(name), let value = unsafe xmlTextReaderConstValue(reader) else { continue }
            found = unsafe String(validatingCString: UnsafeRawPointer(value).assumingMemoryBound(to: CChar.self))
        }
        unsafe xmlTextReaderMoveToElement(reader)
        if let found, found.utf8.count > Self.longestText { throw failure(.unsupported, .textTooLong) }
        return found
    }

    /// Goes to the document's element.
    func root() throws(FormatError) {
        while try read() {
            if kind == XML_READER_TYPE_ELEMENT { return }
        }
        throw failure(.malformed, .notXML)
    }

    /// Goes to the next element within the current one, whose depth is `parent`; false at its end.
    func nextChild(of parent: Int) throws(FormatError) -> Bool {
        while try read() {
            switch kind {
            case XML_READER_TYPE_ELEMENT: return true
            case XML_READER_TYPE_END_ELEMENT where currentDepth == parent: return false
            case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA: throw failure(.malformed, .textBetween)
            default: continue
            }
        }
        throw failure(.malformed, .notXML)
    }

    /// Calls `body` at each element within the current one. `body` has to use up its element: by this, by `text` or by
    /// `skip`.
    func forEachChild(_ body: () throws(FormatError) -> Void) throws(FormatError) {
        guard !isEmpty else { return }
        let parent = currentDepth
        while try nextChild(of: parent) { try body() }
    }

    /// The text of the current element, which has no others within; may be a secret.
    func text() throws(FormatError) -> WipedBuffer {
        let text = WipedBuffer(capacity: 64)
        guard !isEmpty else { return text }
        while try read() {
            switch kind {
            case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA, XML_READER_TYPE_SIGNIFICANT_WHITESPACE,
                XML_READER_TYPE_WHITESPACE:
                guard let value = unsafe xmlTextReaderConstValue(reader) else { continue }
                let length = unsafe Int(xmlStrlen(value))
                guard text.count + length <= Self.longestText else { throw failure(.unsupported, .textTooLong) }
                unsafe text.append(contentsOf: RawSpan(_unsafeStart: value, byteCount: length))
            case XML_READER_TYPE_END_ELEMENT: return text
            case XML_READER_TYPE_COMMENT, XML_READER_TYPE_PROCESSING_INSTRUCTION: continue
            default: throw failure(.malformed, .elementInText)
            }
        }
        throw failure(.malformed, .notXML)
    }

    /// Passes over the current element and all within.
    func skip() throws(FormatError) {
        guard !isEmpty else { return }
        let start = currentDepth
        while try read() {
            if kind == XML_READER_TYPE_END_ELEMENT, currentDepth == start { return }
        }
        throw failure(.malformed, .notXML)
    }

    /// Reads what stands behind the document's element: nothing but comments.
    func finish() throws(FormatError) {
        while try read() {}
    }

    var currentDepth: Int { unsafe Int(xmlTextReaderDepth(reader)) }
    /// Written as `<a/>`, which has no end of its own.
    var isEmpty: Bool { unsafe xmlTextReaderIsEmptyElement(reader) == 1 }
    private var kind: xmlReaderTypes {
        unsafe xmlReaderTypes(rawValue: UInt32(bitPattern: xmlTextReaderNodeType(reader)))
    }

    func failure(_ code: FormatError.Code, _ reason: FormatError.Reason) -> FormatError {
        FormatError(code, reason, line: line)
    }

    private func read() throws(FormatError) -> Bool {
        switch unsafe xmlTextReaderRead(reader) {
        case 1:
            if kind == XML_READER_TYPE_DOCUMENT_TYPE { throw failure(.unsupported, .documentType) }
            if kind == XML_READER_TYPE_ENTITY_REFERENCE { throw failure(.unsupported, .documentType) }
            if currentDepth > Self.deepest { throw failure(.unsupported, .tooDeep) }
            return true
        case 0: return false
        default: throw input.failure ?? failure(.malformed, .notXML)
        }
    }

    private static func equals(_ text: UnsafePointer<xmlChar>?, _ name: StaticString) -> Bool {
        guard let text = unsafe text else { return false }
        return unsafe RawSpan(_unsafeStart: text, byteCount: Int(xmlStrlen(text))).equals(ascii: name)
    }
}

/// Hands blocks of a source to libxml2, which asks for smaller pieces.
private final class XMLInput {
    private let source: any ByteSource
    private var block = WipedBuffer()
    private var offset = 0
    private(set) var failure: FormatError?

    init(_ source: any ByteSource) { self.source = source }

    func read(into target: UnsafeMutableRawBufferPointer) -> Int32 {
        if offset == block.count {
            block = WipedBuffer(capacity: 1 << 16)
            offset = 0
            do throws(FormatError) {
                try source.read(into: block)
            } catch {
                failure = error
                return -1
            }
        }
        let count = min(target.count, block.count - offset)
        block.withBytes { bytes in
            unsafe bytes.extracting(offset..<offset + count).withUnsafeBytes { bytes in
                unsafe target.copyMemory(from: bytes)
            }
        }
        offset += count
        return Int32(count)
    }
}

extension FormatError.Reason {
    public static let libraryFailed: Self = "libxml2 could not be set up"
    public static let notXML: Self = "not well-formed XML"
    public static let textBetween: Self = "text between elements"
    public static let elementInText: Self = "an element where only text may be"
    public static let textTooLong: Self = "a text of more than 65536 bytes"
    public static let documentType: Self = "a document type declaration or an entity"
    public static let tooDeep: Self = "elements nested more than 64 deep"
}
