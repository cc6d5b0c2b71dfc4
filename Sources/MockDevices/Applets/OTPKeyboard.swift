/// What a computer with a keyboard of the United States makes of scan codes (HID Usage Tables, section 10).
enum OTPKeyboard {
    static func text(_ scanCodes: some Sequence<UInt8>) -> String {
        String(
            scanCodes.map { code in
                let keys = Array(code & shift == 0 ? plain : shifted)
                let index = Int(code & ~shift) - firstCode
                return keys.indices.contains(index) ? keys[index] : unknown
            })
    }

    /// From the key A on. Places for keys that type nothing printable hold a blank that no password has.
    private static let plain =
        "abcdefghijklmnopqrstuvwxyz1234567890\u{240D}\u{241B}\u{2408}\u{2409} -=[]\\\u{FFFD};'`,./"
    private static let shifted =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\u{240D}\u{241B}\u{2408}\u{2409} _+{}|\u{FFFD}:\"~<>?"
    private static let firstCode = 0x04
    private static let shift: UInt8 = 0x80
    private static let unknown: Character = "\u{FFFD}"
}
