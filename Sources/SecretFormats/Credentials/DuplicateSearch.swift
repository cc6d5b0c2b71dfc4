/// Finds values that stand twice in a sequence, in memory that does not grow with its length.
///
/// The sequence is read twice only where something looks like a duplicate: `note` keeps a bit pattern of each value (a Bloom
/// filter) and remembers those whose pattern was there already; `confirm` looks at these in a second reading. Values go in
/// as keyed hashes, see `Fingerprint`, so nothing kept here tells anything of them.
package struct DuplicateSearch<Place> {
    private var filter: BloomFilter
    /// What may stand there twice, with the place of its first occurrence once that is known.
    private var suspects: [Fingerprint: Place?] = [:]

    /// - Parameter expecting: values at most; more are found all the same, at the price of more suspects.
    package init(expecting: Int) { filter = BloomFilter(expecting: expecting) }

    /// First reading.
    package mutating func note(_ value: Fingerprint) {
        if !filter.insert(value) { suspects.updateValue(nil, forKey: value) }
    }

    /// Values that are remembered.
    package var suspectCount: Int { suspects.count }
    package var needsSecondReading: Bool { !suspects.isEmpty }

    /// Second reading, in the order of the first.
    ///
    /// - Returns: the place where the value stood first; nil where that is this one.
    package mutating func confirm(_ value: Fingerprint, at place: Place) -> Place? {
        guard let first = suspects[value] else { return nil }
        if first == nil { suspects.updateValue(place, forKey: value) }
        return first
    }
}
