public import ByteBuffers

/// The form in which keyprov hands a job to `keyprov-sheets` and gets the pages back: frames, one inside the other.
///
/// ```
/// offset  size  field
/// 0       1     tag
/// 1       4     length n of the payload, big-endian
/// 5       n     payload
/// ```
///
/// To the program: `job`, then parts of it (`part`, `entry` for each, `partEnd`), then `end`. From it, for each part: of a
/// PDF `codes` and `block` for each page and `block` for the rest, which `PDFAssembly` takes; of pictures `block` and
/// `documentEnd` for each page; then `partEnd`. At last `done`. At any time `failure` instead, with which all ends.
public struct SheetTag: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let job = SheetTag(rawValue: 0x01)
    public static let entry = SheetTag(rawValue: 0x02)
    public static let end = SheetTag(rawValue: 0x03)
    public static let part = SheetTag(rawValue: 0x04)
    public static let partEnd = SheetTag(rawValue: 0x05)

    public static let block = SheetTag(rawValue: 0x11)
    public static let documentEnd = SheetTag(rawValue: 0x12)
    public static let done = SheetTag(rawValue: 0x13)
    public static let failure = SheetTag(rawValue: 0x14)
    public static let codes = SheetTag(rawValue: 0x15)
}

/// A frame or its content was not what the form says.
public struct SheetWireError: Error, Hashable, Sendable {
    /// The frame in which it was found.
    public let tag: SheetTag
    public init(in tag: SheetTag) { self.tag = tag }
}

public enum SheetFrame {
    public static let headerLength = 5
    /// No frame is longer: a logo is the largest thing in one.
    public static let longest = 16 << 20

    public static func append(_ tag: SheetTag, to buffer: WipedBuffer, _ payload: (WipedBuffer) -> Void) {
        let inner = WipedBuffer()
        payload(inner)
        append(tag, length: inner.count, to: buffer)
        buffer.append(contentsOf: inner)
    }

    public static func append(_ tag: SheetTag, text: String, to buffer: WipedBuffer) {
        let bytes = Array(text.utf8)
        append(tag, length: bytes.count, to: buffer)
        buffer.append(contentsOf: bytes)
    }

    public static func append(_ tag: SheetTag, length: Int, to buffer: WipedBuffer) {
        buffer.append(tag.rawValue)
        buffer.append(bigEndian: UInt32(clamping: length))
    }

    /// The tag and the whole length, with the header, of the frame that begins the bytes; nil where they are too few to
    /// tell.
    public static func header(_ bytes: RawSpan) throws(SheetWireError) -> (tag: SheetTag, length: Int)? {
        guard let tag = bytes.byte(at: 0) else { return nil }
        var length = 0
        for offset in 1..<headerLength {
            guard let byte = bytes.byte(at: offset) else { return nil }
            length = length << UInt8.bitWidth | Int(byte)
        }
        guard length <= longest else { throw SheetWireError(in: SheetTag(rawValue: tag)) }
        return (SheetTag(rawValue: tag), headerLength + length)
    }

    /// Calls `body` with each of the frames that fill `bytes`.
    ///
    /// - Parameter outer: what they are in, for the error.
    public static func forEach(
        in bytes: RawSpan, of outer: SheetTag,
        _ body: (_ tag: SheetTag, _ payload: RawSpan) throws(SheetWireError) -> Void
    ) throws(SheetWireError) {
        var offset = 0
        while offset < bytes.byteCount {
            guard let (tag, length) = try header(bytes.extracting(offset..<bytes.byteCount)),
                length <= bytes.byteCount - offset
            else { throw SheetWireError(in: outer) }
            try body(tag, bytes.extracting(offset + headerLength..<offset + length))
            offset += length
        }
    }
}

extension RawSpan {
    /// The bytes as text; an error where they are not UTF-8. Not for secrets.
    func sheetText(in tag: SheetTag) throws(SheetWireError) -> String {
        let bytes = [UInt8](copying: self)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw SheetWireError(in: tag) }
        return text
    }

    /// A number of decimal digits, without a sign.
    func sheetNumber(in tag: SheetTag) throws(SheetWireError) -> UInt64 {
        let text = try sheetText(in: tag)
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let number = UInt64(text) else {
            throw SheetWireError(in: tag)
        }
        return number
    }
}
