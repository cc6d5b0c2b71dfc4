import ByteBuffers
import PictureExchange
import Sealing
import SecretFormats

/// What is converted: a file, which can be opened twice, or what is held in memory because it can be read only once or
/// was put together.
struct ConversionInput {
    private enum Place {
        case file(String)
        case memory(Secret)
    }

    /// The first one, where there are several.
    let path: String
    private let place: Place
    /// In bytes; 0 where it is not known, as of a pipe with a name.
    let length: Int
    private var progress: ProgressLine?
    private var key: OpeningKey?

    /// Formats whose files are lines that stand for themselves, so that several make one.
    private static let joinable: Set<String> = ["otpauth", "otpauth-migration"]

    /// - Parameter paths: files, or `-`. The codes of pictures count as lines; several inputs follow each other.
    init(_ paths: [String]) throws {
        path = paths.first ?? ""
        if let path = paths.first, paths.count == 1, path != "-", try !Self.isPicture(path) {
            (place, length) = (.file(path), try InputFile(path).length)
            return
        }
        let memory = try Self.joined(paths)
        (place, length) = (.memory(memory), memory.count)
    }

    /// Bytes of any kind, which are not looked into.
    ///
    /// - Parameter limit: of the standard input, in bytes.
    init(bytesOf path: String, limit: Int) throws(FileError) {
        self.path = path
        guard path != "-" else {
            let memory = try World.current.terminal.readInput(limit: limit)
            (place, length) = (.memory(memory), memory.count)
            return
        }
        (place, length) = (.file(path), try InputFile(path).length)
    }

    private static func joined(_ paths: [String]) throws -> Secret {
        let texts = try paths.flatMap { try ImportedText.read(path: $0) }
        guard let first = texts.first else { throw ImportFailure.noInput }
        guard texts.count > 1 || first.isFromPicture else { return first.bytes }
        let joined = WipedBuffer()
        for text in texts where try isCredential(text) {
            text.bytes.withBytes { joined.append(contentsOf: $0) }
            joined.append(UInt8(ascii: "\n"))
        }
        guard !joined.isEmpty else { throw ImportFailure.nothingUsable(name: first.name, count: texts.count) }
        return Secret(joined)
    }

    /// A picture may show other codes too. A file of another format cannot be continued by a second one.
    private static func isCredential(_ text: ImportedText) throws(ImportFailure) -> Bool {
        let names = text.bytes.withBytes { FormatList.candidates(for: $0) }.map(\.name)
        if text.isFromPicture { return names.contains { joinable.contains($0) || $0 == BareSecret.formatName } }
        guard names.contains(where: joinable.contains) else { throw .notJoinable(name: text.name) }
        return true
    }

    private static func isPicture(_ path: String) throws(FileError) -> Bool {
        try InputFile(path).withStart { PictureKind.recognize($0) != nil }
    }

    /// The same, telling how far each reading came.
    func reporting(_ progress: ProgressLine) -> ConversionInput {
        var input = self
        input.progress = progress
        return input
    }

    /// The same, sealed: what is read is what is in it.
    func opening(with key: OpeningKey) -> ConversionInput {
        var input = self
        input.key = key
        return input
    }

    func open() throws -> any ByteSource {
        let source: any ByteSource =
            switch place {
            case .file(let path): try InputFile(path, progress: progress)
            case .memory(let secret): secret.withBytes { BufferSource(copying: $0) }
            }
        guard let key else { return source }
        return try SealedInput(source, path: path, opening: key)
    }

    func withStart<Result>(_ body: (RawSpan) -> Result) throws -> Result {
        guard key == nil else {
            let (source, start) = (try open(), WipedBuffer())
            do throws(FormatError) { try source.read(into: start) } catch {
                throw (source as? any ExplainedSource)?.cause ?? error
            }
            return start.withBytes { body($0) }
        }
        return switch place {
        case .file(let path): try InputFile(path).withStart(body)
        case .memory(let secret): secret.withBytes { body($0) }
        }
    }
}
