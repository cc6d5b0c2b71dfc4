import ByteBuffers
import SecretFormats

/// A message to an OnlyKey: one report.
///
///     0  4  FF FF FF FF
///     4  1  message
///     5  1  slot         ┐ of messages about slots; the time (4 bytes, big-endian) stands here in SET TIME
///     6  1  field        ┘
///     7  n  value, at most 57 bytes
///     …     00 up to 64 bytes
///
/// The value has no length: the firmware takes what stands before the first four zero bytes in a row. A value with such
/// a run in it would be cut, and the key would call it a success; it is refused here.
enum OnlyKeyMessage {
    static func setTime(_ unixTime: UInt64) -> WipedBuffer {
        report(OnlyKeyWire.Message.setTime) { $0.append(bigEndian: UInt32(truncatingIfNeeded: unixTime)) }
    }

    static func getLabels() -> WipedBuffer { report(OnlyKeyWire.Message.getLabels) { _ in } }

    static func wipe(slot: UInt8) -> WipedBuffer { report(OnlyKeyWire.Message.wipeSlot) { $0.append(slot) } }

    static func setLabel(slot: UInt8, _ label: String) -> WipedBuffer {
        report(OnlyKeyWire.Message.setSlot) { report in
            report.append(slot)
            report.append(OnlyKeyWire.Field.label)
            report.append(contentsOf: label.utf8)
        }
    }

    /// - Parameter key: at most 57 bytes, none of them behind four zero bytes in a row, see `isCarried`.
    static func setTOTPKey(slot: UInt8, _ key: Secret) -> WipedBuffer {
        report(OnlyKeyWire.Message.setSlot) { report in
            report.append(slot)
            report.append(OnlyKeyWire.Field.totpKey)
            key.withBytes { report.append(contentsOf: $0) }
        }
    }

    /// Whether the firmware would see the whole key. Zero bytes at its end get lost and are none to HMAC, but a key of
    /// nothing else is no key.
    static func isCarried(_ key: Secret) -> Bool {
        guard key.count <= OnlyKeyWire.longestKey else { return false }
        return key.withBytes { bytes in
            var zeros = 0
            var isAllZeros = true
            for offset in 0..<bytes.byteCount {
                zeros = bytes.byte(at: offset) == 0 ? zeros + 1 : 0
                if zeros == 0 { isAllZeros = false }
                if zeros == runThatEnds { return false }
            }
            return !isAllZeros
        }
    }

    private static func report(_ message: UInt8, body: (WipedBuffer) -> Void) -> WipedBuffer {
        let report = WipedBuffer(capacity: OnlyKeyWire.reportLength)
        report.append(contentsOf: OnlyKeyWire.header)
        report.append(message)
        body(report)
        report.append(repeating: 0, count: max(0, OnlyKeyWire.reportLength - report.count))
        return report
    }

    private static let runThatEnds = 4
}
