public import ByteBuffers

/// Reads the records of a file in one format.
public final class RecordReader {
    private let decoder: any RecordDecoding
    private var count = 0

    fileprivate init(_ decoder: any RecordDecoding) { self.decoder = decoder }

    /// The next record; nil at the end. A file without any is an error.
    public func next() throws(FormatError) -> TokenRecord? {
        let record = try decoder.next()
        guard let record else {
            if count == 0 { throw FormatError(.missing, .empty) }
            return nil
        }
        count += 1
        return record
    }

    /// Fields of the file that no record can hold, as far as it was read.
    public var leftOut: Set<FormatError.Field> { decoder.leftOut }
}

/// Writes records in one format. Nothing is written of a record that the format, or who reads it, cannot hold.
public final class RecordWriter {
    private let encoder: any RecordEncoding
    private let limits: FormatLimits
    private var count = 0
    /// Fields of the records so far that the format has no place for and that change no code: names, mostly.
    public private(set) var leftOut: Set<FormatError.Field> = []

    fileprivate init(_ encoder: any RecordEncoding, limits: FormatLimits) {
        self.encoder = encoder
        self.limits = limits
    }

    public func start(into output: WipedBuffer) throws(FormatError) { try encoder.start(into: output) }

    /// Throws, with the number of the record, before anything of it is appended.
    public func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        do throws(FormatError) {
            try limits.check(record)
            try encoder.append(record, into: output)
        } catch {
            throw error.inRecord(count + 1)
        }
        count += 1
        leftOut.formUnion(limits.omissions(of: record))
    }

    public func end(into output: WipedBuffer) throws(FormatError) { try encoder.end(into: output) }
}

extension SecretFormat {
    public func reader(
        of source: any ByteSource, options: DecodingOptions = DecodingOptions()
    ) throws(FormatError) -> RecordReader {
        guard isReadable else { throw FormatError(.unsupported, .writtenOnly) }
        return RecordReader(try makeDecoder(source, options: options))
    }

    public func writer(options: EncodingOptions = EncodingOptions()) throws(FormatError) -> RecordWriter {
        guard isWritable else { throw FormatError(.unsupported, .readOnly) }
        switch encryption {
        case .none where options.passphrase != nil: throw FormatError(.unsupported, .notEncrypted, field: .passphrase)
        case .required where options.passphrase == nil: throw FormatError(.missing, .isEncrypted, field: .passphrase)
        default: return RecordWriter(try makeEncoder(options: options), limits: limits)
        }
    }

    /// All records of `input`.
    public func decode(
        _ input: RawSpan, options: DecodingOptions = DecodingOptions()
    ) throws(FormatError) -> [TokenRecord] {
        let reader = try reader(of: BufferSource(copying: input), options: options)
        var records: [TokenRecord] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    /// A whole file with `records`.
    public func encode(
        _ records: some Sequence<TokenRecord>, options: EncodingOptions = EncodingOptions(),
        into output: WipedBuffer
    ) throws(FormatError) {
        let writer = try writer(options: options)
        try writer.start(into: output)
        for record in records { try writer.append(record, into: output) }
        try writer.end(into: output)
    }
}

extension FormatError.Field {
    public static let passphrase: Self = "passphrase"
}

extension FormatError.Reason {
    public static let writtenOnly: Self = "this format is written only"
    public static let readOnly: Self = "this format is read only"
    public static let notEncrypted: Self = "this format cannot be encrypted"
    public static let isEncrypted: Self = "needed, as this format is always encrypted"
}
