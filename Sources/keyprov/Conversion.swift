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

    init(
        from source: any SecretFormat, _ decoding: DecodingOptions, to target: any SecretFormat,
        _ encoding: EncodingOptions, additions: RecordAdditions, blockLength: Int
    ) {
        self.source = source
        self.decoding = decoding
        self.target = target
        self.encoding = encoding
        self.additions = additions
        self.blockLength = blockLength
    }

    /// Calls `write` with the output, block by block.
    func run(_ input: any ByteSource, _ write: (WipedBuffer) throws(FileError) -> Void) throws -> Summary {
        do {
            return try convert(input, write)
        } catch let error as FormatError where error.code == .unreadable {
            throw (input as? InputFile)?.failure ?? error
        }
    }

    private func convert(_ input: any ByteSource, _ write: (WipedBuffer) throws(FileError) -> Void) throws -> Summary {
        let writer = try target.writer(options: encoding)
        let reader = try source.reader(of: input, options: decoding)
        var summary = Summary()
        var block = WipedBuffer(capacity: blockLength)
        try writer.start(into: block)
        while let record = try reader.next() {
            summary.count += 1
            try writer.append(additions.complete(record, number: summary.count), into: block)
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
