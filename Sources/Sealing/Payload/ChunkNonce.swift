/// The nonce of a chunk (C2SP age, "Payload"; a variant of STREAM).
///
/// ```
/// 0   11  number of the chunk from 0 on, big-endian
/// 11   1  1 in the last chunk, 0 in those before
/// ```
enum ChunkNonce {
    private static let paddingLength = 3
    private static let last: UInt8 = 1

    static func bytes(number: UInt64, isLast: Bool) -> [UInt8] {
        let counter = stride(from: UInt64.bitWidth - UInt8.bitWidth, through: 0, by: -UInt8.bitWidth)
            .map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
        return [UInt8](repeating: 0, count: paddingLength) + counter + [isLast ? last : 0]
    }
}

/// Lengths of the payload's chunks. All but the last are full; the last is empty only where it is the first.
enum Chunk {
    static let length = 1 << 16
    static let sealedLength = length + 16
}
