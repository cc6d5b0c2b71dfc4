/// What somebody meant who made a slip.
public enum Spelling {
    /// Characters that are wrong, missing or too many in a word that was meant to be another one.
    public static let likelyErrors = 2

    /// The name that a word is likely a slip of; nil where none is near.
    public static func likeliest(of names: [String], for typed: String) -> String? {
        // What was typed may be a file's worth of text.
        let length = typed.count
        let near = names.filter { abs($0.count - length) <= likelyErrors }
            .map { (name: $0, errors: distance($0, typed)) }
        return near.filter { $0.errors <= likelyErrors }.min { $0.errors < $1.errors }?.name
    }

    /// Insertions, deletions and replacements of a character that make one word of the other (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var next = [index + 1]
            for (other, (replaced, removed)) in zip(right, zip(row, row.dropFirst())) {
                next.append(min(replaced + (character == other ? 0 : 1), removed + 1, (next.last ?? 0) + 1))
            }
            row = next
        }
        return row.last ?? 0
    }
}
