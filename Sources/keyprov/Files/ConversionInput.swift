import ByteBuffers
import SecretFormats

/// What is converted: a file, which can be opened twice, or the standard input, which is held in memory.
struct ConversionInput {
    private enum Place {
        case file(String)
        case memory(Secret)
    }

    private let place: Place
    /// In bytes; 0 where it is not known, as of a pipe with a name.
    let length: Int
    private var progress: ProgressLine?

    init(_ path: String, limit: Int) throws(FileError) {
        guard path != "-" else {
            let memory = try World.current.terminal.readInput(limit: limit)
            (place, length) = (.memory(memory), memory.count)
            return
        }
        (place, length) = (.file(path), try InputFile(path).length)
    }

    /// The same, telling how far each reading came.
    func reporting(_ progress: ProgressLine) -> ConversionInput {
        var input = self
        input.progress = progress
        return input
    }

    func open() throws(FileError) -> any ByteSource {
        switch place {
        case .file(let path): try InputFile(path, progress: progress)
        case .memory(let secret): secret.withBytes { BufferSource(copying: $0) }
        }
    }

    func withStart<Result>(_ body: (RawSpan) -> Result) throws(FileError) -> Result {
        switch place {
        case .file(let path): try InputFile(path).withStart(body)
        case .memory(let secret): secret.withBytes { body($0) }
        }
    }
}
