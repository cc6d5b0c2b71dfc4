import SecretFormats

@testable import KeyProvision

extension FamilyConformanceTests {
    /// What its features say that no device of the family takes.
    static func impossible(_ subject: Subject) throws -> [(Credential, WriteOptions)] {
        let features = subject.features
        let place = subject.place(0)
        var impossible: [(Credential, WriteOptions)] = [
            (try Samples.hotp("counting", counter: features.maxCounter + 1), place)
        ]
        if let periods = features.totp?.periods {
            let others = (1...120).filter { !periods.contains($0) }
            impossible += try others.map { (try Samples.totp("at another pace", period: $0), place) }
        }
        if let longest = features.totp?.longestPeriod {
            impossible.append((try Samples.totp("slower than all", period: longest + 1), place))
        }
        if let slots = features.hotp?.slots {
            impossible.append(
                (try Samples.hotp("behind the last", counter: 0), WriteOptions(slot: slots.upperBound + 1)))
        }
        if let earlier = features.earlier, subject.firmware < earlier.before {
            let secret = Samples.secret(count: earlier.longestSecret + 1)
            impossible.append((try Samples.totp("longer than it was", secret: secret), place))
        }
        if let slots = subject.slots {
            impossible += try [
                (Samples.totp("nowhere"), WriteOptions()),
                (Samples.totp("before the first"), WriteOptions(slot: slots.lowerBound - 1)),
                (Samples.totp("behind the last"), WriteOptions(slot: slots.upperBound + 1)),
            ]
        } else {
            let longest = features.names == .joined ? 64 - "Example:".utf8.count : 64
            impossible += try [
                (Samples.totp(String(repeating: "n", count: longest + 1)), place),
                (Samples.totp("slot"), WriteOptions(slot: 1)),
            ]
            if features.names != .apartInBMP {
                impossible.append((try Samples.totp(String(repeating: "é", count: 30)), place))
            } else {
                impossible.append((try Samples.totp("🔑"), place))
                impossible.append((try Samples.totp("without issuer", issuer: nil), place))
            }
            if features.names == .joined {
                impossible.append((try Samples.totp("60/ambiguous", issuer: nil), place))
            }
        }
        if features.counterStep > 1 {
            impossible.append((try Samples.hotp("between steps", counter: features.counterStep + 1), place))
        }
        if features.minCounter > 0 {
            impossible.append((try Samples.hotp("before the first", counter: features.minCounter - 1), place))
        }
        if let longest = features.longestSecret {
            // What is longer than a block is hashed, and fits.
            let algorithm: HashAlgorithm = longest < HashAlgorithm.sha1.blockLength ? .sha1 : .sha512
            for count in [longest + 1, algorithm.blockLength] {
                impossible.append((try Samples.totp("long", algorithm, secret: Samples.secret(count: count)), place))
            }
        }
        for algorithm in HashAlgorithm.allCases where features.totp?.algorithms.contains(algorithm) == false {
            impossible.append((try Samples.totp("hash", algorithm), place))
        }
        for digits in Credential.digitsRange where features.hotp?.digits.contains(digits) == false {
            impossible.append((try Samples.hotp("digits", counter: 0, digits: digits), place))
        }
        for (algorithm, minimum) in features.algorithmsSince where subject.firmware < minimum {
            impossible.append((try Samples.totp("hash of later firmware", algorithm), place))
        }
        if !subject.hasTouch { impossible.append((try Samples.totp("touch"), subject.place(0, touch: true))) }
        return impossible
    }
}
