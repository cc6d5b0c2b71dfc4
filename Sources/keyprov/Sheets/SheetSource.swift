import ByteBuffers
import SecretFormats
import SheetJobs

/// Whom sheets are made for, one after another, so that a sheet can say how many there are and yet no more than a few of
/// them are in memory.
protocol SheetSource {
    func count() throws -> Int
    /// - Parameters:
    ///   - form: the labels of the printed fields.
    ///   - hasSecret: whether what follows from the secret is part of an entry.
    /// - Returns: gives one entry after another.
    func entries(_ form: FilledForm, hasSecret: Bool) throws -> () throws -> SheetEntry?
}

/// The records of a file. It is read twice; the standard input, which can be read only once, is held.
struct FileSheetSource: SheetSource {
    private let path: String
    private let held: Secret?
    private let format: any SecretFormat
    private let options: DecodingOptions

    private static let inputLimit = 64 << 20

    /// - Parameter path: `-` for the standard input.
    init(_ path: String, format: FormatName?, options: DecodingOptions) throws {
        self.path = path
        self.options = options
        held = path == "-" ? try World.current.terminal.readInput(limit: Self.inputLimit) : nil
        self.format = try format?.forReading() ?? Self.recognized(path, held)
    }

    func count() throws -> Int {
        let reader = try reader()
        var count = 0
        while try next(reader) != nil {
            count += 1
            try World.current.checkInterruption()
        }
        return count
    }

    func entries(_ form: FilledForm, hasSecret: Bool) throws -> () throws -> SheetEntry? {
        let reader = try reader()
        return { try next(reader).map { try SheetEntry($0, form: form, hasSecret: hasSecret) } }
    }

    private func next(_ reader: (records: RecordReader, file: InputFile?)) throws -> TokenRecord? {
        do throws(FormatError) {
            return try reader.records.next()
        } catch {
            guard let failure = reader.file?.failure else { throw error }
            throw failure
        }
    }

    private func reader() throws -> (records: RecordReader, file: InputFile?) {
        if let held {
            let source = held.withBytes { BufferSource(copying: $0) }
            return (try format.reader(of: source, options: options), nil)
        }
        let file = try InputFile(path)
        return (try format.reader(of: file, options: options), file)
    }

    private static func recognized(_ path: String, _ held: Secret?) throws -> any SecretFormat {
        let candidates: [any SecretFormat]
        if let held {
            candidates = held.withBytes { FormatList.candidates(for: $0) }
        } else {
            candidates = try InputFile(path).withStart { FormatList.candidates(for: $0) }
        }
        guard let first = candidates.first else {
            throw FormatError(.unsupported, "the file is in no format that is known; --from-format names one")
        }
        guard candidates.count == 1 else {
            let names = candidates.map(\.name).joined(separator: ", ")
            throw CommandFailure.usage("'\(path)' may be one of \(names): say which with --from-format")
        }
        return first
    }
}

extension SheetEntry {
    /// What a record says, under the labels of a form.
    ///
    /// - Parameter hasSecret: whether what follows from the secret is part of it.
    init(_ record: TokenRecord, form: FilledForm, hasSecret: Bool) throws {
        if let credential = record.credential {
            try self.init(credential, fields: form.values(of: credential).map(Field.init))
            uri = uri.map { form.qrText(of: credential, uri: $0) }
        } else {
            guard !hasSecret else {
                throw FormatError(.unsupported, "a sheet with a secret takes HOTP or TOTP, and this is Yubico OTP")
            }
            self.init()
        }
        texts[.serial] = record.serial
        texts[.owner] = record.owner
        let model = [record.manufacturer, record.model].compactMap(\.self).joined(separator: " ")
        texts[.model] = model.isEmpty ? nil : model
        if !hasSecret { removeSecrets() }
    }

    /// Leaves nothing that is secret or follows from the secret.
    private mutating func removeSecrets() {
        (secret, uri, codes, recovery) = (nil, nil, [], [])
        texts[.check] = nil
        fields.removeAll { if case .secret = $0.value { true } else { false } }
    }
}

extension SheetEntry.Field {
    init(_ field: FieldValue) {
        switch field.value {
        case .text(let text): self.init(label: field.label, value: .text(text))
        case .secret(let shown, _): self.init(label: field.label, value: .secret(shown))
        case .open(let need): self.init(label: field.label, value: .text(need.text))
        }
    }
}
