import ByteBuffers

/// What stands before every operation message: asking for the list of devices, importing one (kernel documentation,
/// "USB/IP protocol", OP_REQ_DEVLIST and following). All numbers of USB/IP are big-endian.
///
///     0  2  version   0x0111
///     2  2  code      bit 15 set in a request
///     4  4  status    0 in a request
struct USBIPOperationHeader: Hashable {
    static let length = 8
    static let codeOffset = 2
    static let statusOffset = 4

    let code: USBIPOperationCode
    let status: USBIPOperationStatus

    init(_ code: USBIPOperationCode, _ status: USBIPOperationStatus = .ok) {
        (self.code, self.status) = (code, status)
    }

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        let fields = try ByteReader.message(bytes) { reader throws(ByteReader.EndOfBytes) in
            (try reader.bigEndian16(), try reader.bigEndian16(), try reader.bigEndian32())
        }
        guard fields.0 == Self.version else { throw USBIPError(.version(fields.0), at: 0) }
        code = USBIPOperationCode(rawValue: fields.1)
        status = USBIPOperationStatus(rawValue: fields.2)
        guard status == .ok || !code.isRequest else { throw USBIPError(.status(fields.2), at: Self.statusOffset) }
    }

    var bytes: [UInt8] {
        bigEndianBytes(Self.version) + bigEndianBytes(code.rawValue) + bigEndianBytes(status.rawValue)
    }

    private static let version: UInt16 = 0x0111
}

struct USBIPOperationCode: RawRepresentable, Hashable {
    let rawValue: UInt16

    static let requestDeviceList = USBIPOperationCode(rawValue: 0x8005)
    static let replyDeviceList = USBIPOperationCode(rawValue: 0x0005)
    static let requestImport = USBIPOperationCode(rawValue: 0x8003)
    static let replyImport = USBIPOperationCode(rawValue: 0x0003)

    var isRequest: Bool { rawValue & Self.request != 0 }

    private static let request: UInt16 = 0x8000
}

/// `status` of a reply (Linux, tools/usb/usbip, `ST_…`); the protocol itself has 0 and "an error".
public struct USBIPOperationStatus: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let ok = USBIPOperationStatus(rawValue: 0)
    public static let deviceBusy = USBIPOperationStatus(rawValue: 2)
    public static let noDevice = USBIPOperationStatus(rawValue: 4)
}

/// A text in a field of fixed length: closed with a zero byte, filled up with zeros.
struct USBIPText: Hashable {
    let text: String
    let length: Int

    static let busIDLength = 32
    static let pathLength = 256

    /// A text too long for the field is cut.
    init(_ text: String, length: Int) {
        (self.text, self.length) = (text, length)
    }

    init(parsing bytes: some Collection<UInt8>, at offset: Int) throws(USBIPError) {
        let content = bytes.prefix { $0 != 0 }
        guard content.count < bytes.count, bytes.dropFirst(content.count).allSatisfy({ $0 == 0 }),
            let text = String(validating: content, as: UTF8.self)
        else { throw USBIPError(.text, at: offset) }
        self.init(text, length: bytes.count)
    }

    var bytes: [UInt8] {
        let content = text.utf8.prefix(max(length - 1, 0))
        return content + [UInt8](repeating: 0, count: length - content.count)
    }
}

/// OP_REQ_IMPORT: the operation header, then
///
///     8 32  busid
struct USBIPImportRequest: Hashable {
    static let length = USBIPOperationHeader.length + USBIPText.busIDLength

    let busID: String

    init(busID: String) { self.busID = busID }

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        let (head, field) = try ByteReader.message(bytes) { reader throws(ByteReader.EndOfBytes) in
            (
                Array(try reader.bytes(USBIPOperationHeader.length)),
                Array(try reader.bytes(USBIPText.busIDLength))
            )
        }
        let header = try USBIPOperationHeader(parsing: head)
        guard header.code == .requestImport else {
            throw USBIPError(.operation(header.code.rawValue), at: USBIPOperationHeader.codeOffset)
        }
        busID = try USBIPText(parsing: field, at: USBIPOperationHeader.length).text
    }

    var bytes: [UInt8] {
        USBIPOperationHeader(.requestImport).bytes + USBIPText(busID, length: USBIPText.busIDLength).bytes
    }
}
