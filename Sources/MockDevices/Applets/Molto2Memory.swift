/// What a Molto2 keeps when power goes.
struct Molto2Memory: Hashable {
    var profiles: [Int: Molto2StoredProfile] = [:]
    /// SHA-1 of the customer key, its first 16 bytes; that of a new device.
    var key: [UInt8] = [
        0x09, 0x92, 0x50, 0xFD, 0xB0, 0x17, 0xF4, 0x42, 0xDA, 0x42, 0x9E, 0xCB, 0xBE, 0xE1, 0x7F, 0x79,
    ]
    /// How many wrong keys it takes yet.
    var attempts = Molto2Memory.mostAttempts

    static let mostAttempts: UInt8 = 10
}

/// One of a hundred profiles.
struct Molto2StoredProfile: Hashable {
    var title: [UInt8] = []
    var seed: [UInt8] = []
    var algorithm = HMACHash.sha1
    var digits: UInt8 = 6
    /// In seconds.
    var period: UInt8 = 30
    /// When it was configured.
    var time: [UInt8] = [0, 0, 0, 0]

    func code(at unixTime: UInt64) -> String? {
        guard !seed.isEmpty, period > 0,
            let mac = try? algorithm.authenticate(bigEndianBytes(unixTime / UInt64(period)), key: seed)
        else { return nil }
        return OATHStoredCredential.code(mac, digits: Int(digits))
    }

    static let longestTitle = 16
    static let longestSeed = 63
    static let digitCounts: Set<UInt8> = [4, 6, 8, 10]
    static let periods: Set<UInt8> = [30, 60]
}

/// The part of the state file that is a Molto2's.
struct Molto2Content: Codable {
    let key: HexBytes
    let attempts: UInt8
    let profiles: [Profile]

    struct Profile: Codable {
        let number: Int
        let title: HexBytes
        let seed: HexBytes
        let algorithm: UInt8
        let digits: UInt8
        let period: UInt8
        let time: HexBytes
    }

    init(_ memory: Molto2Memory) {
        (key, attempts) = (HexBytes(memory.key), memory.attempts)
        profiles = memory.profiles.sorted { $0.key < $1.key }.map { number, profile in
            Profile(
                number: number, title: HexBytes(profile.title), seed: HexBytes(profile.seed),
                algorithm: profile.algorithm.rawValue, digits: profile.digits, period: profile.period,
                time: HexBytes(profile.time))
        }
    }

    /// - Throws: `.invalid` for what a device would never have stored.
    func memory() throws(VirtualKeyError) -> Molto2Memory {
        guard key.bytes.count == SM4.blockLength, attempts <= Molto2Memory.mostAttempts else {
            throw .invalid(.accessKey)
        }
        var memory = Molto2Memory()
        (memory.key, memory.attempts) = (key.bytes, attempts)
        for stored in profiles {
            guard 0..<Molto2Chip.profileCount ~= stored.number, memory.profiles[stored.number] == nil,
                stored.title.bytes.count <= Molto2StoredProfile.longestTitle,
                stored.seed.bytes.count <= Molto2StoredProfile.longestSeed,
                let algorithm = HMACHash(rawValue: stored.algorithm), algorithm != .sha512,
                Molto2StoredProfile.digitCounts.contains(stored.digits),
                Molto2StoredProfile.periods.contains(stored.period), stored.time.bytes.count == 4
            else { throw .invalid(.slot(stored.number)) }
            memory.profiles[stored.number] = Molto2StoredProfile(
                title: stored.title.bytes, seed: stored.seed.bytes, algorithm: algorithm, digits: stored.digits,
                period: stored.period, time: stored.time.bytes)
        }
        return memory
    }
}
