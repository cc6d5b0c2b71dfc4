import ByteBuffers
import SecretFormats

/// The code that protects a slot against another configuration: 6 bytes, written as 12 hexadecimal digits. All zeros
/// stand for none.
struct OTPAccessCode {
    let bytes: Secret

    /// - Returns: nil for anything but 12 hexadecimal digits, and for the code that stands for none.
    init?(hexadecimal text: Secret) {
        guard text.count == 2 * YubiKeyOTP.accessCodeLength else { return nil }
        let buffer = WipedBuffer(capacity: YubiKeyOTP.accessCodeLength)
        var isZero = true
        let isHexadecimal = text.withBytes { digits in
            stride(from: 0, to: digits.byteCount, by: 2).allSatisfy { index in
                guard let high = digits.byte(at: index).flatMap(Self.value),
                    let low = digits.byte(at: index + 1).flatMap(Self.value)
                else { return false }
                buffer.append(high << 4 | low)
                isZero = isZero && high | low == 0
                return true
            }
        }
        guard isHexadecimal, !isZero else { return nil }
        bytes = Secret(buffer)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension WipedBuffer {
    /// Six bytes: the code, or zeros for none.
    func append(_ code: OTPAccessCode?) {
        if let code {
            code.bytes.withBytes { append(contentsOf: $0) }
        } else {
            append(repeating: 0, count: YubiKeyOTP.accessCodeLength)
        }
    }
}
