internal import Glibc
internal import KeyProvision

/// The file below SQLite: made for its owner alone, and looked at before SQLite does, whose errors do not say why.
enum LedgerFile {
    private static let ownerOnly: mode_t = 0o600
    /// What each file of SQLite begins with (sqlite.org/fileformat2.html, 1.3).
    private static let headerLength: off_t = 100

    /// Makes an empty file where there is none. By `mknod` and not by `open`, because to close a file releases every lock that
    /// the process has on it, those of another connection included.
    ///
    /// - Returns: whether it was made now.
    static func make(_ path: String) throws(LedgerError) -> Bool {
        if unsafe mknod(path, S_IFREG | ownerOnly, 0) == 0 {
            try syncFolder(of: path)
            return true
        }
        guard errno == EEXIST else { throw fault(errno) }
        try checkAccess(path, mode: R_OK | W_OK)
        return false
    }

    /// - Parameter mode: as of `access`.
    static func checkAccess(_ path: String, mode: Int32) throws(LedgerError) {
        guard unsafe access(path, mode) == 0 else { throw fault(errno) }
        guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { throw .notALedger }
        // SQLite takes a file of one byte for an empty one.
        if 1..<headerLength ~= status.st_size { throw .notALedger }
    }

    static func exists(_ path: String) -> Bool { status(path) != nil }

    /// Whether there is nothing in it, or it is not there.
    static func isEmpty(_ path: String) -> Bool { status(path)?.st_size ?? 0 == 0 }

    /// The one name of a file that has several by links to it or its folders, as SQLite names what it puts beside it. It begins with
    /// `/`: one that begins with `file:` would be an address with options.
    static func resolved(_ path: String) throws(LedgerError) -> String {
        guard let name = unsafe realpath(path, nil) else { throw fault(errno) }
        defer { unsafe free(name) }
        return unsafe String(cString: name)
    }

    static func fault(_ code: Int32) -> LedgerError {
        switch code {
        case ENOENT, ENOTDIR: .storage(.noFolder)
        case EACCES, EPERM: .storage(.noPermission)
        case EROFS: .storage(.readOnly)
        case ENOSPC, EDQUOT: .storage(.full)
        default: .storage(.other(unsafe String(cString: strerror(code))))
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }

    /// So that the name of the file outlives a loss of power as its contents do.
    private static func syncFolder(of path: String) throws(LedgerError) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let name = path.contains("/") ? folder + "/" : "."
        let descriptor = unsafe open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(errno) }
    }
}
