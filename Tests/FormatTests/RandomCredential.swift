import SecretFormats
import TestSupport

extension Credential {
    /// A credential of any kind, with a label of letters, marks and the characters that formats trip over.
    static func random(using generator: inout SeededGenerator) throws -> Credential {
        let issuer = Bool.random(using: &generator) ? labelText(using: &generator) : nil
        let counter = UInt64.random(in: counterRange, using: &generator) >> UInt64.random(in: 0...62, using: &generator)
        let kind: Kind =
            Bool.random(using: &generator)
            ? .hotp(counter: counter) : .totp(period: Int.random(in: periodRange, using: &generator))
        return try Credential(
            label: Label(issuer: issuer, account: labelText(using: &generator)),
            kind: Int.random(in: 0..<3, using: &generator) == 0 ? .totp(period: defaultPeriod) : kind,
            algorithm: HashAlgorithm.allCases.randomElement(using: &generator) ?? .sha1,
            digits: Int.random(in: digitsRange, using: &generator),
            secret: Secret.random(
                count: Int.random(in: 1...70, using: &generator), from: SeededSource(seed: generator.next())))
    }

    private static func labelText(using generator: inout SeededGenerator) -> String {
        let hostile = Array("&=#%?+/\\\"'<>,;@ %3A%00..-_~|`$(){}[]*=+".unicodeScalars)
        var scalars: [Unicode.Scalar] = []
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            let scalar =
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: Unicode.Scalar(UInt32.random(in: 0x21...0x7E, using: &generator))
                case 1: hostile.randomElement(using: &generator)
                // Letters of many scripts, combining marks, Hangul; and the planes above.
                case 2: Unicode.Scalar(UInt32.random(in: 0xA1...0xD7FF, using: &generator))
                default: Unicode.Scalar(UInt32.random(in: 0x1_0000...0x1_FFFF, using: &generator))
                }
            if let scalar, scalar != ":", scalar.value != 0x2028, scalar.value != 0x2029 { scalars.append(scalar) }
        }
        var text = String.UnicodeScalarView(scalars)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text.isEmpty ? "alice@example.com" : String(text)
    }
}
