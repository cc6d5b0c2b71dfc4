import Glibc

/// A lock that ends with the process that holds it, however it ends.
final class LockFile {
    private let descriptor: Int32

    /// - Returns: nil where another process holds it.
    init?(_ path: String) throws(FileError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, Files.ownerOnlyFile)
        guard descriptor >= 0 else { throw FileError(.create, path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            if number == EWOULDBLOCK { return nil }
            throw FileError(.lock, path, number: number)
        }
    }

    deinit { close(descriptor) }
}
