internal import ByteBuffers

/// Finds serial numbers and secrets that stand in two records of a batch, in memory that does not grow with the batch.
///
/// The batch is read twice only where something looks like a duplicate: `note` keeps a bit pattern of each value (a Bloom
/// filter) and remembers those whose pattern was there already; `confirm` looks at these in a second reading. Values go in
/// as keyed hashes, see `Fingerprint`, so nothing kept here tells anything of them.
public struct DuplicateFinder {
    private let looksAtSerials: Bool
    private var filter: BloomFilter
    /// What may stand there twice, with the record of its first occurrence once that is known.
    private var suspects: [Fingerprint: Int?] = [:]

    /// - Parameters:
    ///   - looksAtSerials: whether two records may not share a serial number.
    ///   - expecting: records at most; more are found all the same, at the price of more suspects.
    public init(looksAtSerials: Bool, expecting: Int) {
        self.looksAtSerials = looksAtSerials
        filter = BloomFilter(expecting: expecting * Field.allCases.count)
    }

    /// First reading.
    public mutating func note(_ record: TokenRecord) {
        for (_, fingerprint) in fingerprints(of: record) where !filter.insert(fingerprint) {
            suspects.updateValue(nil, forKey: fingerprint)
        }
    }

    public var needsSecondReading: Bool { !suspects.isEmpty }

    /// Second reading, in the order of the first.
    ///
    /// - Parameter number: of the record, from 1.
    /// - Throws: `.duplicate` with the numbers of both records.
    public mutating func confirm(_ record: TokenRecord, number: Int) throws(FormatError) {
        for (field, fingerprint) in fingerprints(of: record) {
            guard let first = suspects[fingerprint] else { continue }
            guard let first else {
                suspects[fingerprint] = number
                continue
            }
            throw FormatError(
                .duplicate, FormatError.Reason(composing: "the same as in record \(first)"), field: field.name,
                record: number)
        }
    }

    // MARK: Fingerprints

    private enum Field: UInt8, CaseIterable {
        case serial, secret

        var name: FormatError.Field {
            switch self {
            case .serial: .serial
            case .secret: .secret
            }
        }
    }

    private func fingerprints(of record: TokenRecord) -> [(Field, Fingerprint)] {
        var found = [(Field.secret, record.secret.withBytes { Fingerprint($0, of: Field.secret.rawValue) })]
        if looksAtSerials, let serial = record.serial {
            let bytes = WipedBuffer(serial.utf8)
            found.append((.serial, bytes.withBytes { Fingerprint($0, of: Field.serial.rawValue) }))
        }
        return found
    }
}

extension TokenRecord {
    /// What codes are made from.
    fileprivate var secret: Secret {
        switch content {
        case .oath(let credential): credential.secret
        case .yubicoOTP(let credential): credential.key
        }
    }
}
