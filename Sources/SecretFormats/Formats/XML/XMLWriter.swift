internal import ByteBuffers
internal import CLibXML2

/// Writes elements through libxml2, which escapes and checks the nesting.
@safe final class XMLWriter {
    private let writer: xmlTextWriterPtr
    // libxml2 has its address, for as long as the writer lives.
    private let output = XMLOutput()
    private var hasFailed = false

    init() throws(FormatError) {
        guard XMLLibrary.isReady else { throw FormatError(.unsupported, .libraryFailed) }
        let stream = unsafe xmlOutputBufferCreateIO(
            { context, bytes, length in
                guard let context = unsafe context, let bytes = unsafe bytes, length >= 0 else { return -1 }
                let output = unsafe Unmanaged<XMLOutput>.fromOpaque(context).takeUnretainedValue()
                unsafe output.buffer.append(contentsOf: RawSpan(_unsafeStart: bytes, byteCount: Int(length)))
                return length
            },
            { _ in 0 }, Unmanaged.passUnretained(output).toOpaque(), nil)
        guard let stream = unsafe stream, let writer = unsafe xmlNewTextWriter(stream) else {
            throw FormatError(.unsupported, .libraryFailed)
        }
        unsafe self.writer = writer
    }

    deinit { unsafe xmlFreeTextWriter(writer) }

    func startDocument() { unsafe note(xmlTextWriterStartDocument(writer, nil, "UTF-8", nil)) }

    func endDocument() { unsafe note(xmlTextWriterEndDocument(writer)) }

    /// - Parameter attributes: names and values, in their order.
    func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: () -> Void = {}
    ) {
        start(name, attributes)
        content()
        unsafe note(xmlTextWriterEndElement(writer))
    }

    func start(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
        unsafe note(xmlTextWriterStartElement(writer, name))
        for (name, value) in attributes { unsafe note(xmlTextWriterWriteAttribute(writer, name, value)) }
    }

    func end() { unsafe note(xmlTextWriterEndElement(writer)) }

    func text(_ name: String, _ text: String) {
        element(name) { unsafe note(xmlTextWriterWriteString(writer, text)) }
    }

    /// An element with a text that may be a secret.
    func secret(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: WipedBuffer) {
        let terminated = WipedBuffer(capacity: text.count + 1)
        terminated.append(contentsOf: text)
        terminated.append(0)
        element(name, attributes) {
            terminated.withBytes { bytes in
                unsafe bytes.withUnsafeBytes { bytes in
                    unsafe note(
                        xmlTextWriterWriteString(writer, bytes.baseAddress?.assumingMemoryBound(to: xmlChar.self)))
                }
            }
        }
    }

    /// An element with bytes in base64, which may be a secret.
    func base64(_ name: String, _ bytes: RawSpan) {
        let text = WipedBuffer(capacity: bytes.byteCount * 2)
        Base64.encode(bytes, into: text)
        text.withBytes { plainText(name, $0) }
    }

    /// An element with a text that may be a secret and has no character that XML escapes.
    func plainText(_ name: String, _ text: RawSpan) {
        element(name) {
            unsafe text.withUnsafeBytes { bytes in
                unsafe note(
                    xmlTextWriterWriteRawLen(
                        writer, bytes.baseAddress?.assumingMemoryBound(to: xmlChar.self), Int32(bytes.count)))
            }
        }
    }

    func newLine() { unsafe note(xmlTextWriterWriteRaw(writer, "\n")) }

    /// Appends what was written since the last time.
    func flush(into target: WipedBuffer) throws(FormatError) {
        unsafe note(xmlTextWriterFlush(writer))
        guard !hasFailed else { throw FormatError(.unsupported, .libraryFailed) }
        target.append(contentsOf: output.buffer)
        output.buffer = WipedBuffer()
    }

    private func note(_ outcome: Int32) {
        if outcome < 0 { hasFailed = true }
    }
}

private final class XMLOutput {
    var buffer = WipedBuffer()
}
