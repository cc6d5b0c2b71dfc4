/// SplitMix64: the same sequence for the same seed on every machine, so that a failing case can be run again.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// `bytes` with one to three small changes: a flipped bit, another value, a byte left out, doubled or cut off.
public func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
        guard let index = result.indices.randomElement(using: &generator) else {
            return [UInt8.random(in: 0...255, using: &generator)]
        }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: result[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: result[index] = .random(in: 0...255, using: &generator)
        case 2: result.remove(at: index)
        case 3: result.insert(result[index], at: index)
        default: result.removeSubrange(index...)
        }
    }
    return result
}
