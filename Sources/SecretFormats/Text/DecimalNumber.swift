extension RawSpan {
    /// A decimal number of ASCII digits and nothing else; leading zeros are taken.
    func decimalNumber() throws(FormatError) -> UInt64 {
        guard !isEmpty else { throw FormatError(.malformed, .empty) }
        var number: UInt64 = 0
        for offset in 0..<byteCount {
            let byte = self[byte: offset]
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else {
                throw FormatError(.malformed, .notANumber, position: characterPosition(at: offset))
            }
            let (shifted, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw FormatError(.unsupported, .outOfRange) }
            number = sum
        }
        return number
    }
}
