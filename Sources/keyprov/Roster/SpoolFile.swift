import ByteBuffers
import Glibc
import SecretFormats

/// What can be read only once, kept on the disk to be read again: a file without a name, which others cannot open and which
/// goes with the process.
final class SpoolFile {
    private let descriptor: Int32
    private let name: String
    private(set) var length = 0

    /// Bytes; a million entries with all they can say are less.
    private static let limit = 1 << 30
    private static let defaultFolder = "/tmp"

    init() throws(FileError) {
        let folder = World.current.environment("TMPDIR", isEmpty: false) ?? Self.defaultFolder
        name = "a temporary file in \(folder)"
        let path = "\(folder)/keyprov.\(getpid()).\(UInt64.random(in: 0...UInt64.max))"
        descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, Files.ownerOnlyFile)
        guard descriptor >= 0, unsafe unlink(path) == 0 else { throw FileError(.create, name) }
    }

    deinit { close(descriptor) }

    func write(_ buffer: WipedBuffer) throws(FileError) {
        guard length + buffer.count <= Self.limit else { throw FileError(.write, name, number: EFBIG) }
        try FileDescriptorSink(descriptor: descriptor, name: name).write(buffer)
        length += buffer.count
    }

    /// Reads from the start. Several readers do not disturb each other.
    func open() -> any ExplainedSource { Reader(self) }

    private final class Reader: ExplainedSource {
        private let file: SpoolFile
        private var offset = 0
        private(set) var cause: (any Error)?

        private static let blockLength = 1 << 16

        init(_ file: SpoolFile) { self.file = file }

        func read(into buffer: WipedBuffer) throws(FormatError) {
            do throws(FileError) {
                try buffer.append(upTo: Self.blockLength) { (target: inout MutableRawSpan) throws(FileError) in
                    while true {
                        let count = unsafe target.withUnsafeMutableBytes { target in
                            unsafe pread(file.descriptor, target.baseAddress, target.count, off_t(offset))
                        }
                        if count < 0, errno == EINTR { continue }
                        guard count >= 0 else { throw FileError(.read, file.name) }
                        offset += count
                        return count
                    }
                }
            } catch {
                cause = error
                throw FormatError(.unreadable, "the file could not be read")
            }
        }
    }
}
