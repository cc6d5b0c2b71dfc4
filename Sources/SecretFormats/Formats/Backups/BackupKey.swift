internal import ByteBuffers

/// Keys from the password of a backup.
///
/// What a derivation costs stands in the file, so it is bounded before it is paid: a hostile file must not take
/// gigabytes or hours. Errors name the parameter.
enum BackupKey {
    /// Bytes: of AES-256, which all backups here use.
    static let length = 32

    /// A hundred times what is usual.
    static let iterationRange: ClosedRange<UInt64> = 1...10_000_000
    static let longestSalt = 1024
    /// KiB: what Ente asks for, which is the most of all.
    static let mostMemory: UInt64 = 1 << 20
    /// KiB of all passes together: Bitwarden's highest settings.
    static let mostWork: UInt64 = 10 << 20
    static let laneRange: ClosedRange<UInt64> = 1...16
    private static let kibibyte: UInt64 = 1024
    /// Blocks of 128 bytes that scrypt may take, in memory and, the last of its parameters multiplying it, in time.
    private static let mostBlocks = mostMemory * kibibyte / 128
    /// With one block each, scrypt's cost has to stay below (RFC 7914 section 2).
    private static let mostCostOfOneBlock: UInt64 = 1 << 16
    /// KiB that a lane of Argon2 takes at least (RFC 9106 section 3.1).
    private static let leastMemoryOfLane: UInt64 = 8

    static func pbkdf2(
        _ passphrase: Secret, salt: [UInt8], iterations: UInt64, hash: HashAlgorithm
    ) throws(FormatError) -> Secret {
        guard iterationRange.contains(iterations) else {
            throw FormatError(.unsupported, .derivationCost, field: .iterations)
        }
        try check(salt)
        do throws(CryptoError) {
            return try PBKDF2.deriveKey(
                password: passphrase, salt: salt, iterations: Int(iterations), count: length, algorithm: hash)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }

    /// - Parameters:
    ///   - n: cost, a power of two.
    ///   - r: in blocks of 128 bytes.
    ///   - p: repetitions.
    static func scrypt(
        _ passphrase: Secret, salt: [UInt8], n: UInt64, r: UInt64, p: UInt64
    ) throws(FormatError) -> Secret {
        guard n > 1, n.nonzeroBitCount == 1, n <= mostBlocks, r != 1 || n < mostCostOfOneBlock else {
            throw FormatError(.unsupported, .scryptCost, field: .scryptN)
        }
        guard r > 0, r <= mostBlocks / n else { throw FormatError(.unsupported, .memoryCost, field: .scryptR) }
        guard p > 0, p <= mostBlocks / n / r else { throw FormatError(.unsupported, .timeCost, field: .scryptP) }
        // What is held beside the large array: a block for each repetition, and two to work in.
        guard r * (n + p + 2) <= mostBlocks else { throw FormatError(.unsupported, .memoryCost, field: .scryptR) }
        try check(salt)
        do throws(CryptoError) {
            return try Scrypt.deriveKey(
                password: passphrase, salt: salt, n: n, r: r, p: p, count: length,
                memoryLimit: mostMemory * kibibyte)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }

    /// - Parameter memory: KiB.
    static func argon2id(
        _ passphrase: Secret, salt: [UInt8], passes: UInt64, memory: UInt64, lanes: UInt64
    ) throws(FormatError) -> Secret {
        guard laneRange.contains(lanes) else { throw FormatError(.unsupported, .laneCost, field: .lanes) }
        guard leastMemoryOfLane * lanes...mostMemory ~= memory else {
            throw FormatError(.unsupported, .memoryCost, field: .memory)
        }
        guard passes > 0, passes <= mostWork / memory else {
            throw FormatError(.unsupported, .timeCost, field: .iterations)
        }
        try check(salt)
        guard salt.count >= Argon2id.shortestSalt else { throw FormatError(.unsupported, .shortSalt, field: .salt) }
        do throws(CryptoError) {
            let cost = Argon2id.Cost(passes: UInt32(passes), memory: UInt32(memory), lanes: UInt32(lanes))
            return try Argon2id.deriveKey(password: passphrase, salt: salt, cost: cost, count: length)
        } catch {
            throw FormatError(.failed, .cryptography, field: .passphrase)
        }
    }

    private static func check(_ salt: [UInt8]) throws(FormatError) {
        guard salt.count <= longestSalt else { throw FormatError(.unsupported, .saltLength, field: .salt) }
    }
}

extension FormatError.Field {
    public static let iterations: Self = "rounds of the key derivation"
    public static let memory: Self = "memory of the key derivation"
    public static let lanes: Self = "lanes of the key derivation"
    public static let salt: Self = "salt"
    public static let scryptN: Self = "n of scrypt"
    public static let scryptR: Self = "r of scrypt"
    public static let scryptP: Self = "p of scrypt"
}

extension FormatError.Reason {
    public static let scryptCost: Self = "not a power of two that takes 1 GiB at most"
    public static let memoryCost: Self = "too little, or more than 1 GiB"
    public static let timeCost: Self = "none, or so many that it would take minutes"
    public static let laneCost: Self = "not from 1 to 16"
    public static let shortSalt: Self = "shorter than 8 bytes"
}
