import ByteBuffers

/// Reports of Nitrokey Pro, Nitrokey Storage and Librem Key (Nitrokey/nitrokey-pro-firmware,
/// `src/inc/report_protocol.h`): feature reports of 64 bytes.
///
///     request                                       response
///      0  1   command                                0  1   device status
///      1  59  payload                                1  1   the command that it answers
///     60  4   CRC of bytes 0..59                     2  4   CRC of the request that it answers
///                                                    6  1   command status
///                                                    7  53  output
///                                                   60  4   CRC of bytes 0..59, byte 0 taken as 0
///
/// Numbers are little-endian.
enum NitrokeyReport {
    static let length = 64
    static let payloadLength = 59
    private static let checkedLength = 60

    /// - Parameter payload: at most 59 bytes.
    /// - Returns: the report and its CRC; nil where the payload is too long.
    static func request(_ command: NitrokeyCommand, _ payload: WipedBuffer) -> (report: WipedBuffer, crc: UInt32)? {
        guard payload.count <= payloadLength else { return nil }
        let report = WipedBuffer(capacity: length)
        report.append(command.rawValue)
        report.append(contentsOf: payload)
        report.append(repeating: 0, count: checkedLength - report.count)
        let crc = report.withBytes { STM32Checksum.compute($0) }
        report.append(littleEndian: crc)
        return (report, crc)
    }

    struct Response: Hashable {
        let deviceStatus: NitrokeyDeviceStatus
        let command: NitrokeyCommand
        let requestCRC: UInt32
        let status: NitrokeyStatus
        let output: ArraySlice<UInt8>
        /// Whether its CRC is right. Some commands of some firmwares send a wrong one (libnitrokey, `NK_C_API`), so
        /// that alone refuses nothing.
        let isIntact: Bool

        /// Of the Storage's own commands, which it works on after it took them.
        ///
        ///     20 1 counter   21 1 command   22 1 status
        var storageStatus: NitrokeyStorageStatus {
            NitrokeyStorageStatus(rawValue: output.dropFirst(NitrokeyReport.storageStatus).first ?? 0)
        }

        /// - Returns: nil where the bytes are not 64.
        init?(parsing bytes: [UInt8]) {
            guard bytes.count == NitrokeyReport.length else { return nil }
            var reader = ByteReader(bytes)
            guard let deviceStatus = try? reader.uint8(), let command = try? reader.uint8(),
                let requestCRC = try? reader.littleEndian32(), let status = try? reader.uint8(),
                let output = try? reader.bytes(NitrokeyReport.outputLength), let crc = try? reader.littleEndian32()
            else { return nil }
            self.deviceStatus = NitrokeyDeviceStatus(rawValue: deviceStatus)
            self.command = NitrokeyCommand(rawValue: command)
            self.requestCRC = requestCRC
            self.status = NitrokeyStatus(rawValue: status)
            self.output = output
            let checked = WipedBuffer([0] + bytes[1..<NitrokeyReport.checkedLength])
            isIntact = checked.withBytes { STM32Checksum.compute($0) } == crc
        }
    }

    private static let outputLength = 53
    /// In the output.
    private static let storageStatus = 15
}

/// The checksum unit of an STM32 (ST, RM0008, section 4): CRC-32 with the polynomial 04C11DB7, starting at FFFFFFFF, most
/// significant bit first, over words that lie in memory in little-endian order.
enum STM32Checksum {
    /// - Parameter bytes: a whole number of four-byte words; what is left over does not count.
    static func compute(_ bytes: RawSpan) -> UInt32 {
        var crc: UInt32 = .max
        for start in stride(from: 0, to: bytes.byteCount - bytes.byteCount % wordLength, by: wordLength) {
            for index in (start..<start + wordLength).reversed() {
                let byte = UInt8(truncatingIfNeeded: crc >> topByte) ^ (bytes.byte(at: index) ?? 0)
                crc = crc << UInt32(UInt8.bitWidth) ^ remainders[Int(byte)]
            }
        }
        return crc
    }

    /// Of each value of a byte, since every report is checked.
    private static let remainders: [UInt32] = (0...UInt8.max).map { byte in
        (0..<UInt8.bitWidth).reduce(UInt32(byte) << topByte) { crc, _ in
            crc << 1 ^ (crc & topBit == 0 ? 0 : polynomial)
        }
    }

    private static let wordLength = 4
    private static let topByte: UInt32 = 24
    private static let topBit: UInt32 = 0x8000_0000
    private static let polynomial: UInt32 = 0x04C1_1DB7
}
