/// How many recovery codes a server gives out, and how long each of them is.
struct RecoveryCodeShape: Hashable, Sendable {
    let count: Int
    /// Characters: ASCII letters and digits.
    let length: Int

    /// "How to enable two-factor authentication at the IPI Enterprise Server": ten codes of eight characters.
    static let ipiEnterpriseServer = RecoveryCodeShape(known: (10, 8))

    /// More, or longer ones, nobody types.
    private static let range = 1...64

    init?(count: Int, length: Int) {
        guard Self.range.contains(count), Self.range.contains(length) else { return nil }
        self.count = count
        self.length = length
    }

    private init(known: (count: Int, length: Int)) { (count, length) = known }
}
