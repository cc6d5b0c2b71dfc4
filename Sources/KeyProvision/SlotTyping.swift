import ByteBuffers
public import SecretFormats

/// What a slot types at a touch and no one-time password of RFC 4226 is.
public enum SlotTyping: Sendable {
    /// Yubico OTP. The slot's access code is given to `protectWrites`, not here.
    case yubicoOTP(YubicoOTPCredential)
    /// A password that is the same each time, with a return after it.
    case password(StaticPassword)
}

/// A static password as the key keeps it: the scan codes that a keyboard would send (HID Usage Tables, section 10), with
/// the top bit for shift. Which letter each makes is up to the layout that the computer is set to.
public struct StaticPassword: Sendable {
    public enum Layout: String, CaseIterable, Sendable {
        /// The sixteen letters of modhex, which most layouts have on the same keys.
        case modhex
        /// Printable ASCII as keyboards of the United States have it.
        case us
    }

    /// In a slot: the places of public id, private id and key.
    public static let lengthRange = 1...38

    /// One byte for each character.
    let scanCodes: Secret

    /// - Returns: nil for a length outside of `lengthRange`, and for a character that the layout does not have.
    public init?(_ text: Secret, layout: Layout) {
        guard Self.lengthRange.contains(text.count) else { return nil }
        let codes = WipedBuffer(capacity: text.count)
        let isTypeable = text.withBytes { bytes in
            (0..<bytes.byteCount).allSatisfy { index in
                guard let character = bytes.byte(at: index), let code = layout.scanCode(of: character) else {
                    return false
                }
                codes.append(code)
                return true
            }
        }
        guard isTypeable else { return nil }
        scanCodes = Secret(codes)
    }

    /// Letters of modhex, four bits each.
    ///
    /// - Parameter count: letters; see `lengthRange`.
    public static func random(count: Int, from source: some RandomSource) throws(CryptoError) -> Secret {
        let text = Modhex.encode(try Secret.random(count: (count + 1) / 2, from: source))
        return text.withBytes { Secret(copying: $0.extracting(0..<min(count, $0.byteCount))) }
    }
}

extension StaticPassword.Layout {
    /// - Returns: nil for a character without a key.
    func scanCode(of character: UInt8) -> UInt8? {
        guard self == .us || Self.modhexLetters.contains(character) else { return nil }
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return character - UInt8(ascii: "a") + ScanCode.a
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return character - UInt8(ascii: "A") + ScanCode.a | ScanCode.shift
        case UInt8(ascii: "1")...UInt8(ascii: "9"): return character - UInt8(ascii: "1") + ScanCode.one
        default: return Self.symbols[character]
        }
    }

    private static let modhexLetters = Set("cbdefghijklnrtuv".utf8)

    /// Key codes of the United States' layout: `0` and space, then the pairs of symbols on one key.
    private static let symbols: [UInt8: UInt8] = {
        var codes: [UInt8: UInt8] = [UInt8(ascii: "0"): ScanCode.zero, UInt8(ascii: " "): ScanCode.space]
        for (index, symbol) in "!@#$%^&*()".utf8.enumerated() {
            codes[symbol] = (ScanCode.one + UInt8(truncatingIfNeeded: index)) | ScanCode.shift
        }
        let rows: [(StaticString, StaticString, UInt8)] = [
            ("-=[]\\", "_+{}|", ScanCode.minus), (";'`,./", ":\"~<>?", ScanCode.semicolon),
        ]
        for (plain, shifted, first) in rows {
            for (symbols, shift) in [(plain, UInt8(0)), (shifted, ScanCode.shift)] {
                for (index, symbol) in symbols.description.utf8.enumerated() {
                    codes[symbol] = (first + UInt8(truncatingIfNeeded: index)) | shift
                }
            }
        }
        return codes
    }()

    /// Usages of the keyboard page.
    private enum ScanCode {
        static let a: UInt8 = 0x04
        static let one: UInt8 = 0x1E
        static let zero: UInt8 = 0x27
        static let space: UInt8 = 0x2C
        static let minus: UInt8 = 0x2D
        static let semicolon: UInt8 = 0x33
        /// The key's own flag.
        static let shift: UInt8 = 0x80
    }
}
