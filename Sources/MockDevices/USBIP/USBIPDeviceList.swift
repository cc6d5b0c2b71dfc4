import ByteBuffers
import USBTransport

/// OP_REP_DEVLIST: the operation header, then
///
///     8  4  number of devices
///    12  …  each device with its interfaces
struct USBIPDeviceList: Hashable {
    var entries: [Entry]

    struct Entry: Hashable {
        var device: USBIPDevice
        var interfaces: [Interface]
    }

    struct Interface: Hashable {
        let interfaceClass: UInt8
        let interfaceSubclass: UInt8
        let interfaceProtocol: UInt8
    }

    init(_ entries: [Entry]) { self.entries = entries }

    init(parsing bytes: [UInt8]) throws(USBIPError) {
        var reader = ByteReader(bytes)
        let header = try USBIPOperationHeader(parsing: try reader.part(USBIPOperationHeader.length))
        guard header.code == .replyDeviceList else {
            throw USBIPError(.operation(header.code.rawValue), at: USBIPOperationHeader.codeOffset)
        }
        guard header.status == .ok else {
            throw USBIPError(.status(header.status.rawValue), at: USBIPOperationHeader.statusOffset)
        }
        let count = try ByteReader.message(try reader.part(Self.countLength)) { field throws(ByteReader.EndOfBytes) in
            try field.bigEndian32()
        }
        entries = []
        while entries.count < count { entries.append(try Entry(from: &reader)) }
        guard reader.isAtEnd else { throw USBIPError(.trailing, at: reader.offset) }
    }

    var bytes: [UInt8] {
        let count = UInt32(truncatingIfNeeded: entries.count)
        return USBIPOperationHeader(.replyDeviceList).bytes + bigEndianBytes(count)
            + entries.flatMap { entry in
                entry.device.bytes
                    + entry.interfaces.flatMap {
                        [$0.interfaceClass, $0.interfaceSubclass, $0.interfaceProtocol, 0]
                    }
            }
    }

    private static let countLength = 4
}

extension USBIPDeviceList.Entry {
    init(_ descriptors: DescriptorSet, at location: USBLocation, address: UInt8) {
        device = USBIPDevice(descriptors, at: location, address: address)
        interfaces = descriptors.configuration.interfaces.map {
            USBIPDeviceList.Interface(
                interfaceClass: $0.interfaceClass.rawValue, interfaceSubclass: $0.interfaceSubclass,
                interfaceProtocol: $0.interfaceProtocol)
        }
    }

    init(from reader: inout ByteReader) throws(USBIPError) {
        device = try USBIPDevice(parsing: try reader.part(USBIPDevice.length))
        interfaces = []
        for _ in 0..<device.interfaceCount {
            let padding = reader.offset + USBIPDevice.interfaceLength - 1
            let fields = try ByteReader.message(try reader.part(USBIPDevice.interfaceLength)) {
                field throws(ByteReader.EndOfBytes) in
                (try field.uint8(), try field.uint8(), try field.uint8(), try field.uint8())
            }
            guard fields.3 == 0 else { throw USBIPError(.padding, at: padding) }
            interfaces.append(
                USBIPDeviceList.Interface(
                    interfaceClass: fields.0, interfaceSubclass: fields.1, interfaceProtocol: fields.2))
        }
    }
}
