import ByteBuffers
import Sealing
import SecretFormats

/// A source that keeps why it failed: a reader of a format knows only that it did.
protocol ExplainedSource: ByteSource {
    var cause: (any Error)? { get }
}

extension InputFile: ExplainedSource {
    var cause: (any Error)? { failure }
}

/// What is in a sealed file, as it is opened.
final class SealedInput: ExplainedSource {
    private let path: String
    private let source: any ByteSource
    private let reader: SealedFileReader

    init(_ source: any ByteSource, path: String, opening key: OpeningKey) throws {
        self.path = path
        self.source = source
        do throws(SealError) {
            reader = try SealedFileReader(source, opening: key)
        } catch {
            throw Self.explained(error, path: path, source)
        }
    }

    /// Appends the next chunk; false at the end of the file, which is then known to be whole.
    func next(into buffer: WipedBuffer) throws -> Bool {
        do throws(SealError) {
            return try reader.next(into: buffer)
        } catch {
            throw Self.explained(error, path: path, source)
        }
    }

    func read(into buffer: WipedBuffer) throws(FormatError) { try reader.read(into: buffer) }

    var cause: (any Error)? { reader.failure.map { Self.explained($0, path: path, source) } }

    private static func explained(_ error: SealError, path: String, _ source: any ByteSource) -> any Error {
        guard error == .unreadable, let cause = (source as? any ExplainedSource)?.cause else {
            return SealedFileFailure(path: path, error: error)
        }
        return cause
    }
}

/// What is wrong with a sealed file, or with a file of keys.
struct SealedFileFailure: Error {
    /// nil for an argument.
    let path: String?
    let error: SealError
}
