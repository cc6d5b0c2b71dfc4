/// What a Token2 PIN+ keeps when power goes.
struct Token2Memory: Hashable {
    /// The chip's own, for hosts that write.
    var privateKey: [UInt8]
    var entries: [Token2StoredEntry] = []
    /// nil where none was set.
    var pin: PIN?

    struct PIN: Hashable {
        /// SHA-256
        var hash: [UInt8]
        var length: UInt8
        var triesLeft = Token2Memory.mostTries
    }

    func index(application: [UInt8], account: [UInt8]) -> Int? {
        entries.firstIndex { $0.application == application && $0.account == account }
    }

    /// What its maker says of most releases.
    static let capacity = 50
    static let mostTries: UInt8 = 100
    static let longestName = 64
    static let longestSeed = 64
}

struct Token2StoredEntry: Hashable {
    var isTOTP: Bool
    var algorithm: HMACHash
    /// In seconds.
    var period: UInt16
    var digits: UInt8
    /// Not 0 where it asks for the button.
    var button: UInt8
    var application: [UInt8]
    var account: [UInt8]
    var seed: [UInt8]
    /// Of HOTP, the next one.
    var counter: UInt64 = 0

    static let digitCounts: ClosedRange<UInt8> = 4...10

    /// The next code of HOTP, or that of the time.
    func code(at unixTime: UInt64) throws(StatusWord) -> [UInt8] {
        let factor = isTOTP ? unixTime / UInt64(max(period, 1)) : counter
        let mac = try algorithm.authenticate(bigEndianBytes(factor), key: seed)
        return Array(OATHStoredCredential.code(mac, digits: Int(digits)).utf8)
    }
}

/// The part of the state file that is a Token2 PIN+'s. Bytes are hexadecimal, see `KeySnapshot`.
struct Token2Content: Codable {
    let privateKey: HexBytes
    /// Left out where none was set.
    let pin: PIN?
    let entries: [Entry]

    struct PIN: Codable {
        let hash: HexBytes
        let length: UInt8
        let triesLeft: UInt8
    }

    struct Entry: Codable {
        let type: UInt8
        let algorithm: UInt8
        let period: UInt16
        let digits: UInt8
        let button: UInt8
        let application: HexBytes
        let account: HexBytes
        let seed: HexBytes
        let counter: UInt64
    }

    init(_ memory: Token2Memory) {
        privateKey = HexBytes(memory.privateKey)
        pin = memory.pin.map { PIN(hash: HexBytes($0.hash), length: $0.length, triesLeft: $0.triesLeft) }
        entries = memory.entries.map { entry in
            Entry(
                type: entry.isTOTP ? 1 : 0, algorithm: entry.algorithm.rawValue, period: entry.period,
                digits: entry.digits, button: entry.button, application: HexBytes(entry.application),
                account: HexBytes(entry.account), seed: HexBytes(entry.seed), counter: entry.counter)
        }
    }

    /// - Throws: `.invalid` for what a key would never have stored.
    func memory() throws(VirtualKeyError) -> Token2Memory {
        guard (try? Token2Crypto.point(of: privateKey.bytes)) != nil else { throw .invalid(.accessKey) }
        var memory = Token2Memory(privateKey: privateKey.bytes)
        if let pin {
            guard pin.hash.bytes.count == Self.hashLength, pin.length > 0, pin.triesLeft <= Token2Memory.mostTries
            else { throw .invalid(.pin) }
            memory.pin = Token2Memory.PIN(hash: pin.hash.bytes, length: pin.length, triesLeft: pin.triesLeft)
        }
        guard entries.count <= Token2Memory.capacity else { throw .invalid(.credentialCount) }
        for (index, stored) in entries.enumerated() {
            guard stored.type <= 1, let algorithm = HMACHash(rawValue: stored.algorithm), algorithm != .sha512,
                stored.type == 0 || stored.period > 0, Token2StoredEntry.digitCounts.contains(stored.digits),
                stored.application.bytes.count <= Token2Memory.longestName,
                1...Token2Memory.longestName ~= stored.account.bytes.count,
                1...Token2Memory.longestSeed ~= stored.seed.bytes.count,
                memory.index(application: stored.application.bytes, account: stored.account.bytes) == nil
            else { throw .invalid(.credential(index)) }
            memory.entries.append(
                Token2StoredEntry(
                    isTOTP: stored.type == 1, algorithm: algorithm, period: stored.period, digits: stored.digits,
                    button: stored.button, application: stored.application.bytes, account: stored.account.bytes,
                    seed: stored.seed.bytes, counter: stored.counter))
        }
        return memory
    }

    private static let hashLength = 32
}
