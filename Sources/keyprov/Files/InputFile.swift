import ByteBuffers
import Glibc
import SecretFormats

/// A file that is read block by block, so that its size does not matter; its start can be looked at before.
final class InputFile: ByteSource {
    private let path: String
    private let descriptor: Int32
    /// What was read and not handed out yet.
    private var held = WipedBuffer()
    /// Why a read failed: a reader of a format knows only that it did.
    private(set) var failure: FileError?

    private let progress: ProgressLine?
    private var position = 0

    private static let blockLength = 1 << 16

    init(_ path: String, progress: ProgressLine? = nil) throws(FileError) {
        self.path = path
        self.progress = progress
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.read, path) }
    }

    deinit { close(descriptor) }

    /// In bytes; 0 of what is no file on a disk.
    var length: Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return 0 }
        return Int(status.st_size)
    }

    /// Calls `body` with the first bytes of the file, a block at most. To be called before any `read`.
    func withStart<Result>(_ body: (RawSpan) -> Result) throws(FileError) -> Result {
        let block = WipedBuffer(capacity: Self.blockLength)
        while block.count < Self.blockLength {
            let count = block.count
            try fill(block)
            if block.count == count { break }
        }
        held = block
        return block.withBytes { body($0) }
    }

    func read(into buffer: WipedBuffer) throws(FormatError) {
        guard held.isEmpty else {
            buffer.append(contentsOf: held)
            held = WipedBuffer()
            return
        }
        do throws(FileError) {
            try fill(buffer)
        } catch {
            failure = error
            throw FormatError(.unreadable, "the file could not be read")
        }
    }

    private func fill(_ buffer: WipedBuffer) throws(FileError) {
        try buffer.append(upTo: Self.blockLength) { (target: inout MutableRawSpan) throws(FileError) in
            while true {
                let count = unsafe target.withUnsafeMutableBytes { target in
                    unsafe Glibc.read(descriptor, target.baseAddress, target.count)
                }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw FileError(.read, path) }
                position += count
                progress?.advance(to: position)
                return count
            }
        }
    }
}
