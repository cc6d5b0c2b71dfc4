internal import ByteBuffers

/// Passes records on to an encoder, one for each owner: of a second one the server would keep neither both, nor say which.
final class OncePerOwner: RecordEncoding {
    private let encoder: any RecordEncoding
    /// In small letters, as these servers tell users apart by letters only.
    private var owners: Set<String> = []

    init(_ encoder: any RecordEncoding) { self.encoder = encoder }

    func start(into output: WipedBuffer) throws(FormatError) { try encoder.start(into: output) }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let owner = (record.login ?? "").lowercased()
        guard !owners.contains(owner) else { throw FormatError(.duplicate, .ownerTwice, field: .owner) }
        // Read back, an owner is the label as well.
        _ = try Label(owner: record.login, serial: record.serial)
        try encoder.append(record, into: output)
        owners.insert(owner)
    }

    func end(into output: WipedBuffer) throws(FormatError) { try encoder.end(into: output) }
}

extension FormatError.Reason {
    public static let ownerTwice: Self = "the owner of a record before, and the server keeps one for each"
}
