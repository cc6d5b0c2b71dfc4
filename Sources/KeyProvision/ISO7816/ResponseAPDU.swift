import ByteBuffers

/// A smart card's answer (ISO 7816-4, section 5.1).
///
///     0    n  data
///     n    2  SW1 SW2   big-endian
public struct ResponseAPDU: Hashable, Sendable {
    public let data: ArraySlice<UInt8>
    public let status: StatusWord

    init(data: ArraySlice<UInt8>, status: StatusWord) {
        self.data = data
        self.status = status
    }

    /// - Returns: nil where there are not even the two bytes of the status word.
    public init?(parsing bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let data = try? reader.bytes(bytes.count - StatusWord.length), let word = try? reader.bigEndian16() else {
            return nil
        }
        self.data = data
        status = StatusWord(rawValue: word)
    }
}
