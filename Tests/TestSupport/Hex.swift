/// Bytes from hexadecimal digits, for vectors in test files.
public func bytes(hex: String) -> [UInt8]? {
    let digits = hex.compactMap(\.hexDigitValue)
    guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

public func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// A readable difference: both sides in hexadecimal with a mark below the first byte that differs.
public func difference(expected: [UInt8], got: [UInt8]) -> String {
    let same = zip(expected, got).prefix { $0 == $1 }.count
    return """
        first difference at byte \(same)
          expected \(hex(expected)) (\(expected.count) bytes)
          got      \(hex(got)) (\(got.count) bytes)
                   \(String(repeating: " ", count: same * 2))^^
        """
}
