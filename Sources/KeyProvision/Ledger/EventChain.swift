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

    /// Number, time, run, batch and entry; the lengths of the two texts.
    private static let fixedLength = 5 * UInt64.bitWidth / UInt8.bitWidth + 2 * UInt32.bitWidth / UInt8.bitWidth

    /// - Parameters:
    ///   - event: its own hash is not looked at.
    ///   - previous: the hash of the event before; `start` for the first one.
    public static func hash(_ event: LedgerEvent, after previous: [UInt8]) throws(CryptoError) -> [UInt8] {
        let (kind, detail) = (event.kind.rawValue.utf8, event.detail.utf8)
        var image = previous
        image.reserveCapacity(previous.count + fixedLength + kind.count + detail.count)
        append(event.number, to: &image)
        append(event.unixTime, to: &image)
        append(event.run ?? 0, to: &image)
        append(event.batch ?? 0, to: &image)
        append(event.entry ?? 0, to: &image)
        append(UInt32(truncatingIfNeeded: kind.count), to: &image)
        image.append(contentsOf: kind)
        append(UInt32(truncatingIfNeeded: detail.count), to: &image)
        image.append(contentsOf: detail)
        return try HashAlgorithm.sha256.digest(of: image)
    }

    private static func append(_ value: some FixedWidthInteger, to image: inout [UInt8]) {
        for shift in stride(from: value.bitWidth - UInt8.bitWidth, through: 0, by: -UInt8.bitWidth) {
            image.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
