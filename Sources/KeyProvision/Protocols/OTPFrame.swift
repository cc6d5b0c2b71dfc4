import ByteBuffers

/// A command to the OTP application, cut into feature reports (yubikey-personalization, `ykcore.c`).
///
///      0  64  payload      padded with zeros
///     64   1  command
///     65   2  checksum     little-endian, of the payload
///     67   3  zeros
///
/// Ten parts of seven bytes, each in a report:
///
///      0   7  part
///      7   1  0x80 and the number of the part
///
/// A part of zeros alone is left out, except the first and the last: the key starts a frame with zeros.
struct OTPFrame {
    private let bytes: WipedBuffer

    /// - Returns: nil for a payload of more than 64 bytes.
    init?(_ command: UInt8, _ payload: WipedBuffer) {
        guard payload.count <= YubiKeyOTP.payloadLength else { return nil }
        bytes = WipedBuffer(capacity: YubiKeyOTP.frameLength)
        bytes.append(contentsOf: payload)
        bytes.append(repeating: 0, count: YubiKeyOTP.payloadLength - payload.count)
        let checksum = bytes.withBytes { OTPChecksum.compute($0) }
        bytes.append(command)
        bytes.append(littleEndian: checksum)
        bytes.append(repeating: 0, count: YubiKeyOTP.frameLength - bytes.count)
    }

    /// The reports in the order in which they are sent.
    var reports: [WipedBuffer] {
        let count = YubiKeyOTP.frameLength / YubiKeyOTP.reportDataLength
        return (0..<count).compactMap { number in
            let start = number * YubiKeyOTP.reportDataLength
            return bytes.withBytes { bytes in
                let part = bytes.extracting(start..<start + YubiKeyOTP.reportDataLength)
                let isEmpty = (0..<part.byteCount).allSatisfy { part.byte(at: $0) == 0 }
                guard !isEmpty || number == 0 || number == count - 1 else { return nil }
                let report = WipedBuffer(capacity: YubiKeyOTP.reportLength)
                report.append(contentsOf: part)
                report.append(YubiKeyOTP.ReportFlag.slotWrite | UInt8(truncatingIfNeeded: number))
                return report
            }
        }
    }

    /// The report that ends a response or gives up a frame.
    static var reset: WipedBuffer {
        let report = WipedBuffer(capacity: YubiKeyOTP.reportLength)
        report.append(repeating: 0, count: YubiKeyOTP.reportDataLength)
        report.append(YubiKeyOTP.ReportFlag.reset)
        return report
    }
}
