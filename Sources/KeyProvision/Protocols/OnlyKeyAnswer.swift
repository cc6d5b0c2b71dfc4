import ByteBuffers

/// What an OnlyKey answers: one report of text, padded with zero bytes.
struct OnlyKeyText: Hashable {
    let text: String

    init(_ report: [UInt8]) { text = String(decoding: report.prefix { $0 != 0 }, as: UTF8.self) }

    var isUninitialized: Bool { text.hasPrefix(OnlyKeyWire.Answer.uninitialized) }
    var isLocked: Bool { text.hasPrefix(OnlyKeyWire.Answer.locked) }
    var isUnlocked: Bool { text.hasPrefix(OnlyKeyWire.Answer.unlocked) }

    /// - Throws: what the firmware says in its own words, as far as a caller does something about it.
    func requireSuccess(during step: DeviceStep) throws(DeviceError) {
        if text.hasPrefix(OnlyKeyWire.Answer.success) { return }
        if text.hasPrefix(OnlyKeyWire.Answer.errorLocked) { throw .lockedOnKey }
        if text.hasPrefix(OnlyKeyWire.Answer.errorUninitialized) { throw .notSetUp }
        throw text.hasPrefix(OnlyKeyWire.Answer.error)
            ? .refusedByKey(during: step) : .malformedResponse(during: step)
    }
}

/// What an unlocked key says of itself: `UNLOCKEDv3.0.4-prodc`, firmware version and a letter for the hardware.
struct OnlyKeyState: Hashable {
    /// nil where the text is none that we know.
    let firmware: Version?
    let isDuo: Bool

    init(_ answer: OnlyKeyText) {
        let rest = answer.text.dropFirst(OnlyKeyWire.Answer.unlocked.count)
        let numbers = rest.drop { $0 == "v" }.prefix { $0.isNumber || $0 == "." }
            .split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        firmware = numbers.count == 3 ? Version(bytes: numbers.compactMap(\.self)) : nil
        isDuo = [OnlyKeyWire.Hardware.duoWithPIN, OnlyKeyWire.Hardware.duoWithoutPIN].contains(rest.last)
    }
}

/// One of the answers to GET LABELS.
///
///     0  1  slot: 1 to 9 as they are, 10 and up with 6 added (10 is 0x10)
///     1  1  '|'
///     2  n  label, up to a zero byte
struct OnlyKeyLabel: Hashable {
    let slot: Int
    let text: String

    /// - Returns: nil for what is no label.
    init?(_ report: [UInt8]) {
        var reader = ByteReader(report)
        guard let number = try? reader.uint8(), let separator = try? reader.uint8(),
            separator == UInt8(ascii: "|"), let slot = Self.slot(number)
        else { return nil }
        self.slot = slot
        text = String(decoding: reader.remainder().prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func slot(_ number: UInt8) -> Int? {
        switch Int(number) {
        case 1..<firstOfTwoDigits: Int(number)
        case firstOfTwoDigits + twoDigitGap...OnlyKeyWire.duoSlots.upperBound + twoDigitGap: Int(number) - twoDigitGap
        default: nil
        }
    }

    private static let firstOfTwoDigits = 10
    private static let twoDigitGap = 6
}
