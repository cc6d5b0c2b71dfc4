/// 128 bits that stand for a value of a field: two hashes under the key that Swift draws for each process (SipHash), so
/// that they tell nothing of it to who does not have this process's memory.
package struct Fingerprint: Hashable {
    let high: UInt64
    let low: UInt64

    /// - Parameter field: keeps equal values of different fields apart.
    package init(_ value: RawSpan, of field: UInt8) {
        self.init(of: field) { hasher in unsafe value.withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }
    }

    /// - Parameter value: texts count as the same where they are canonically equivalent, as for `==`.
    package init(_ value: some Hashable, of field: UInt8) {
        self.init(of: field) { hasher in hasher.combine(value) }
    }

    private init(of field: UInt8, _ combine: (inout Hasher) -> Void) {
        func word(_ half: UInt8) -> UInt64 {
            var hasher = Hasher()
            hasher.combine(half)
            hasher.combine(field)
            combine(&hasher)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
        (high, low) = (word(0), word(1))
    }
}

/// A set that says "never seen" or "perhaps seen" (B. H. Bloom, "Space/Time Trade-offs in Hash Coding with Allowable
/// Errors", 1970). With 32 bits an element, one new element in five million is taken for a seen one.
struct BloomFilter {
    private var words: [UInt64]
    private let mask: UInt64

    private static let probes: UInt64 = 8
    private static let bitsPerElement = 32
    /// 8 MiB: enough for two million elements at that rate.
    private static let mostWords = 1 << 20
    private static let fewestWords = 1 << 6

    init(expecting elements: Int) {
        let wanted = max(elements, 1).multipliedReportingOverflow(by: Self.bitsPerElement)
        let enough = wanted.overflow ? Self.mostWords : wanted.partialValue / UInt64.bitWidth
        var count = Self.fewestWords
        while count < min(enough, Self.mostWords) { count *= 2 }
        words = [UInt64](repeating: 0, count: count)
        mask = UInt64(count * UInt64.bitWidth - 1)
    }

    /// - Returns: whether the element was certainly not there before.
    mutating func insert(_ element: Fingerprint) -> Bool {
        var isNew = false
        for probe in 0..<Self.probes {
            // Two hashes give as many as are wanted (Kirsch and Mitzenmacher, "Less Hashing, Same Performance").
            let bit = Int((element.high &+ probe &* (element.low | 1)) & mask)
            let (word, flag) = (bit / UInt64.bitWidth, UInt64(1) << UInt64(bit % UInt64.bitWidth))
            if words[word] & flag == 0 { isNew = true }
            words[word] |= flag
        }
        return isNew
    }
}
