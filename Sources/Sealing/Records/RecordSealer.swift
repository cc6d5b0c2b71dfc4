internal import ByteBuffers
public import SecretFormats

/// Seals the secrets of one run, each by itself: whoever has only the public recipients can add records, and cannot read
/// those of a run that is over.
///
/// A run makes one random data key. It is sealed to the recipients as an age file of 32 bytes, and leaves this object in no
/// other form; with the last reference it is wiped.
///
/// ```
/// 0    1   version: 1
/// 1   12   nonce, random
/// 13   n   AES-256-GCM of the secret with the data key
///     16   tag, over the version and the row's identity as well
/// ```
public final class RecordSealer: Sendable {
    private let dataKey: Secret
    private let random: any RandomSource
    /// The data key as a binary age file. To be stored once, before the first record.
    public let sealedDataKey: [UInt8]

    public init(for key: SealingKey, random: any RandomSource = SystemRandom()) throws(SealError) {
        self.random = random
        let dataKey = try SealError.crypto { () throws(CryptoError) in
            try Secret.random(count: AEAD.keyLength, from: random)
        }
        self.dataKey = dataKey
        sealedDataKey = try SealedDataKey.seal(dataKey, to: key, random: random)
    }

    /// - Parameter row: what the record is stored under. It is not in the result; opened for another row, that is refused.
    public func seal(_ secret: Secret, row: [UInt8]) throws(SealError) -> [UInt8] {
        let nonce = try random.bytes(AEAD.nonceLength)
        let record = WipedBuffer([SealedRecord.version] + nonce)
        try secret.withBytes { (secret: RawSpan) throws(SealError) in
            try SealError.crypto { () throws(CryptoError) in
                try AEAD.aes256GCM.seal(
                    secret, key: dataKey, nonce: nonce, associatedData: [SealedRecord.version] + row, into: record)
            }
        }
        return record.withBytes { [UInt8](copying: $0) }
    }
}

enum SealedRecord {
    static let version: UInt8 = 1
}

/// Opens the records of one run.
public final class RecordOpener: Sendable {
    private let dataKey: Secret

    /// - Parameter sealedDataKey: as `RecordSealer` gave it.
    public init(_ sealedDataKey: [UInt8], opening key: OpeningKey) throws(SealError) {
        dataKey = try SealedDataKey.open(sealedDataKey, key)
    }

    public func open(_ record: [UInt8], row: [UInt8]) throws(SealError) -> Secret {
        var reader = ByteReader(record)
        guard let version = try? reader.uint8(), version == SealedRecord.version,
            let nonce = try? reader.bytes(AEAD.nonceLength)
        else { throw .malformedRecord }
        let secret = try WipedBuffer(reader.remainder()).withBytes { (sealed: RawSpan) throws(SealError) in
            try SealError.crypto { () throws(CryptoError) in
                try AEAD.aes256GCM.open(
                    sealed, key: dataKey, nonce: Array(nonce), associatedData: [SealedRecord.version] + row)
            }
        }
        guard let secret else { throw .changedRecord }
        return Secret(secret)
    }
}
