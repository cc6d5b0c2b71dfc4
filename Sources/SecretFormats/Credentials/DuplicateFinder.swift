internal import ByteBuffers

/// Finds serial numbers and secrets that stand in two records of a batch, in memory that does not grow with the batch.
///
/// The batch is read twice only where something looks like a duplicate; see `DuplicateSearch`.
public struct DuplicateFinder {
    private let looksAtSerials: Bool
    private var search: DuplicateSearch<Int>

    /// - Parameters:
    ///   - looksAtSerials: whether two records may not share a serial number.
    ///   - expecting: records at most; more are found all the same, at the price of more suspects.
    public init(looksAtSerials: Bool, expecting: Int) {
        self.looksAtSerials = looksAtSerials
        let values = expecting.multipliedReportingOverflow(by: Field.allCases.count)
        search = DuplicateSearch(expecting: values.overflow ? Int.max : values.partialValue)
    }

    /// First reading.
    public mutating func note(_ record: TokenRecord) {
        for (_, fingerprint) in fingerprints(of: record) { search.note(fingerprint) }
    }

    public var needsSecondReading: Bool { search.needsSecondReading }

    /// Second reading, in the order of the first.
    ///
    /// - Parameter number: of the record, from 1.
    /// - Throws: `.duplicate` with the numbers of both records.
    public mutating func confirm(_ record: TokenRecord, number: Int) throws(FormatError) {
        for (field, fingerprint) in fingerprints(of: record) {
            guard let first = search.confirm(fingerprint, at: number) else { continue }
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
