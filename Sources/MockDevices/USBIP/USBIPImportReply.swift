import ByteBuffers

/// OP_REP_IMPORT: the operation header, then the device, which a refusal leaves out.
enum USBIPImportReply: Hashable {
    case imported(USBIPDevice)
    case refused(USBIPOperationStatus)

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        var reader = ByteReader(bytes)
        let header = try USBIPOperationHeader(parsing: try reader.part(USBIPOperationHeader.length))
        guard header.code == .replyImport else {
            throw USBIPError(.operation(header.code.rawValue), at: USBIPOperationHeader.codeOffset)
        }
        if header.status == .ok {
            self = .imported(try USBIPDevice(parsing: try reader.part(USBIPDevice.length)))
        } else {
            self = .refused(header.status)
        }
        guard reader.isAtEnd else { throw USBIPError(.trailing, at: reader.offset) }
    }

    var bytes: [UInt8] {
        switch self {
        case .imported(let device): USBIPOperationHeader(.replyImport).bytes + device.bytes
        case .refused(let status): USBIPOperationHeader(.replyImport, status).bytes
        }
    }
}
