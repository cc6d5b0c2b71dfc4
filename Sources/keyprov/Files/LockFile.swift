import Glibc

/// A lock that ends with the process that holds it, however it ends.
final class LockFile {
    private let descriptor: Int32

    /// - Returns: nil where another process holds it.
    init?(_ path: String) throws(FileError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, Files.ownerOnlyFile)
        guard descriptor >= 0 else { throw FileError(.create, path) }
        // A process that is just ending, or that has not yet become another program, lets go within a moment.
        for _ in 0..<Self.attempts {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK else { break }
            usleep(Self.pause)
        }
        let number = errno
        close(descriptor)
        if number == EWOULDBLOCK { return nil }
        throw FileError(.lock, path, number: number)
    }

    private static let attempts = 10
    /// In microseconds.
    private static let pause: UInt32 = 10_000

    deinit { close(descriptor) }
}
