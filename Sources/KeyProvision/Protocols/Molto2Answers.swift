import ByteBuffers

/// What a Molto2 says of itself.
///
///     0  3  unknown
///     3  1  length n
///     4  n  serial number, ASCII
///     …  2  unknown
///     …  4  time, big-endian
struct Molto2Info: Hashable {
    let serial: String
    let unixTime: UInt32

    init(parsing bytes: ArraySlice<UInt8>) throws(ByteReader.EndOfBytes) {
        var reader = ByteReader(bytes)
        _ = try reader.bytes(Self.headLength)
        serial = String(decoding: try reader.bytes(Int(try reader.uint8())), as: UTF8.self)
        _ = try reader.bigEndian16()
        unixTime = try reader.bigEndian32()
    }

    private static let headLength = 3
}

/// What can be read of a profile without the customer key.
///
///      0  2  95, length of what follows
///      2  2  70, length of what follows
///      4  1  flag
///      5 16  title, UTF-8, zero padded
///     21  4  a time, big-endian, as the next
///     25  4  another
///     29  1  hash: 1 SHA-1, 2 SHA-256
///     30  1  time step in seconds; on some firmware 1 for 30 and 2 for 60
///     31  1  digits
///     32  1  1 where there is a seed
struct Molto2Profile: Hashable {
    let title: String
    let algorithm: UInt8
    /// In seconds.
    let period: Int
    let digits: UInt8
    let hasSeed: Bool

    /// - Returns: nil for what is no profile.
    init?(parsing bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard let outer = try? reader.uint8(), outer == Molto2Wire.Tag.publicData, let length = try? reader.uint8(),
            Int(length) == reader.remaining, let inner = try? reader.uint8(), inner == Molto2Wire.Tag.seedInfo,
            let length = try? reader.uint8(), Int(length) == reader.remaining, (try? reader.uint8()) != nil,
            let title = try? reader.bytes(Self.titleLength), (try? reader.bytes(Self.timesLength)) != nil,
            let algorithm = try? reader.uint8(), let step = try? reader.uint8(), let digits = try? reader.uint8(),
            let seed = try? reader.uint8(), reader.isAtEnd
        else { return nil }
        self.title = String(decoding: title.prefix { $0 != 0 }, as: UTF8.self)
        (self.algorithm, self.digits, hasSeed) = (algorithm, digits, seed != 0)
        period = step <= Self.lastStepCode ? Int(step) * Self.secondsOfStepCode : Int(step)
    }

    private static let titleLength = 16
    private static let timesLength = 8
    private static let lastStepCode: UInt8 = 2
    private static let secondsOfStepCode = 30
}
