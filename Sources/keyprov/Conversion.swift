import ByteBuffers
import SecretFormats

/// One way from a format to another, a record at a time.
struct Conversion {
    struct Summary {
        var count = 0
        var notRead: Set<FormatError.Field> = []
        var notWritten: Set<FormatError.Field> = []
    }

    private let source: any SecretFormat
    private let decoding: DecodingOptions
    private let target: any SecretFormat
    private let encoding: EncodingOptions
    private let additions: RecordAdditions
    private let blockLength: Int
    private let allowsDuplicates: Bool

    /// Bytes of a record in the shortest of the formats with many: what a file's size says of its records.
    private static let shortestRecord = 40

    init(
        from source: any SecretFormat, _ decoding: DecodingOptions, to target: any SecretFormat,
        _ encoding: EncodingOptions, additions: RecordAdditions, allowsDuplicates: Bool, blockLength: Int
    ) {
        self.source = source
        self.decoding = decoding
        self.target = target
        self.encoding = encoding
        self.additions = additions
        self.allowsDuplicates = allowsDuplicates
        self.blockLength = blockLength
    }

    /// Converts, and refuses a batch in which a serial number or a secret stands twice.
    ///
    /// - Parameters:
    ///   - input: read once, and a second time only where something looks like a duplicate.
    ///   - note: called with each record.
    ///   - write: called with the output, block by block.
    func run(
        _ input: ConversionInput, note: (TokenRecord) throws -> Void = { _ in },
        _ write: (WipedBuffer) throws -> Void
    ) throws -> Summary {
        var duplicates: DuplicateFinder?
        if !allowsDuplicates {
            duplicates = DuplicateFinder(
                looksAtSerials: target.isForTokenBatches, expecting: input.length / Self.shortestRecord)
        }
        let summary = try reading(input) { source in
            try convert(
                source,
                note: { record in
                    duplicates?.note(record)
                    try note(record)
                }, write)
        }
        guard var duplicates, duplicates.needsSecondReading else { return summary }
        try reading(input) { source in
            let reader = try self.source.reader(of: source, options: decoding)
            var number = 0
            while let record = try reader.next() {
                number += 1
                try duplicates.confirm(additions.complete(record, number: number), number: number)
            }
        }
        return summary
    }

    /// The cause of a failed reading is with the source, see `ByteSource`.
    private func reading<Result>(
        _ input: ConversionInput, _ body: (any ByteSource) throws -> Result
    ) throws -> Result {
        let source = try input.open()
        do {
            return try body(source)
        } catch let error as FormatError where error.code == .unreadable {
            throw (source as? any ExplainedSource)?.cause ?? error
        }
    }

    private func convert(
        _ input: any ByteSource, note: (TokenRecord) throws -> Void, _ write: (WipedBuffer) throws -> Void
    ) throws -> Summary {
        let writer = try target.writer(options: encoding)
        let reader = try source.reader(of: input, options: decoding)
        var summary = Summary()
        var block = WipedBuffer(capacity: blockLength)
        try writer.start(into: block)
        while let record = try reader.next() {
            summary.count += 1
            let record = additions.complete(record, number: summary.count)
            try writer.append(record, into: block)
            try note(record)
            if block.count >= blockLength {
                try World.current.checkInterruption()
                try write(block)
                block = WipedBuffer(capacity: blockLength)
            }
        }
        try writer.end(into: block)
        try write(block)
        summary.notRead = reader.leftOut
        summary.notWritten = writer.leftOut
        return summary
    }
}
