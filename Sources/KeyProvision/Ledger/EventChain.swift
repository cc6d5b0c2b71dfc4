internal import ByteBuffers
public import SecretFormats

/// The chain of hashes over the events: whoever changes one, leaves one out or puts one in breaks it from there on.
///
/// Each event's hash is SHA-256 over
///
/// ```
///  0   32   hash of the event before; zeros before the first one
/// 32    8   number, big-endian like all that follow
/// 40    8   time in seconds since 1970
/// 48    8   run, 0 for none
/// 56    8   batch, 0 for none
/// 64    8   entry, 0 for none
/// 72    4   length of the kind, k
/// 76    k   kind, UTF-8
///       4   length of the detail, d
///       d   detail, UTF-8
/// ```
public enum EventChain {
    public static let start = [UInt8](repeating: 0, count: HashAlgorithm.sha256.digestLength)

    /// - Parameters:
    ///   - event: its own hash is not looked at.
    ///   - previous: the hash of the event before; `start` for the first one.
    public static func hash(_ event: LedgerEvent, after previous: [UInt8]) throws(CryptoError) -> [UInt8] {
        let image = WipedBuffer(previous)
        for number in [
            event.number, Int64(bitPattern: event.unixTime), event.run ?? 0, event.batch ?? 0, event.entry ?? 0,
        ] {
            append(UInt64(bitPattern: number), width: UInt64.bitWidth, to: image)
        }
        for text in [event.kind.rawValue, event.detail] {
            append(UInt64(text.utf8.count), width: UInt32.bitWidth, to: image)
            image.append(contentsOf: text.utf8)
        }
        let digest = try StreamingDigest(.sha256)
        try digest.update(image)
        return try digest.finish()
    }

    private static func append(_ value: UInt64, width: Int, to image: WipedBuffer) {
        for shift in stride(from: width - UInt8.bitWidth, through: 0, by: -UInt8.bitWidth) {
            image.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}
