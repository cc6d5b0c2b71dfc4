internal import Glibc
internal import KeyProvision

/// Tells which runs are alive: each holds the byte at the offset of its number in a file beside the ledger. The kernel lets go of it
/// with the process, however that ends.
///
/// The locks belong to the open file (Linux, fcntl(2), "Open file description locks"), so that two runs of one process
/// are two, and that closing the file elsewhere releases none.
struct RunLocks: Sendable {
    let path: String

    // Not in Swift's module of the C library; asm-generic/fcntl.h.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37
    private static let ownerOnly: mode_t = 0o600

    /// - Throws: `.storage(.busy)` where another run holds it.
    func hold(_ run: Int64) throws(LedgerError) -> RunLock {
        let descriptor = try openFile(O_RDWR | O_CREAT)
        var lock = Self.byte(of: run)
        guard unsafe fcntl(descriptor, Self.setLock, &lock) == 0 else {
            let code = errno
            close(descriptor)
            throw code == EAGAIN || code == EACCES ? .storage(.busy) : LedgerFile.fault(code)
        }
        return RunLock(descriptor: descriptor)
    }

    /// Those that nobody holds. A file that is missing holds none.
    func dead(among runs: [Int64]) throws(LedgerError) -> [Int64] {
        guard !runs.isEmpty else { return [] }
        guard unsafe access(path, F_OK) == 0 else { return runs }
        let descriptor = try openFile(O_RDWR)
        defer { close(descriptor) }
        var dead: [Int64] = []
        for run in runs {
            var lock = Self.byte(of: run)
            guard unsafe fcntl(descriptor, Self.getLock, &lock) == 0 else { throw LedgerFile.fault(errno) }
            if lock.l_type == Int16(F_UNLCK) { dead.append(run) }
        }
        return dead
    }

    private func openFile(_ flags: Int32) throws(LedgerError) -> Int32 {
        let descriptor = unsafe open(path, flags | O_CLOEXEC | O_NOFOLLOW, Self.ownerOnly)
        guard descriptor >= 0 else { throw LedgerFile.fault(errno) }
        return descriptor
    }

    private static func byte(of run: Int64) -> flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: off_t(run), l_len: 1, l_pid: 0)
    }
}

/// Held until the last reference goes.
final class RunLock: Sendable {
    private let descriptor: Int32

    fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
