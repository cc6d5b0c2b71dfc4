import ByteBuffers
import Glibc
import SecretFormats

/// A file operation that failed: which, on what, and the system's number for the reason.
struct FileError: Error, Hashable {
    enum Operation: String {
        case read, write, create, rename, remove, list, lock, start
        case listen = "listen on"
    }

    let operation: Operation
    let path: String
    /// As in `errno.h`.
    let number: Int32

    /// Call right after the system call that failed.
    init(_ operation: Operation, _ path: String, number: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// The system's words for the number.
    var reason: String { unsafe String(cString: strerror(number)) }
}

enum Files {
    private static let blockLength = 16_384

    /// Reads a file whole; it may hold a secret.
    ///
    /// - Parameter limit: bytes that are read at most; a longer file is an error.
    static func read(_ path: String, limit: Int) throws(FileError) -> Secret {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.read, path) }
        defer { _ = close(descriptor) }
        return try readAll(descriptor, path, limit: limit)
    }

    static func readAll(
        _ descriptor: Int32, _ name: String, limit: Int, untilNewline: Bool = false
    ) throws(FileError) -> Secret {
        let contents = WipedBuffer(capacity: blockLength)
        var block = [UInt8](repeating: 0, count: untilNewline ? 1 : blockLength)
        defer { unsafe explicit_bzero(&block, block.count) }
        while true {
            let count = unsafe Glibc.read(descriptor, &block, block.count)
            if count < 0, errno == EINTR, !World.current.isInterrupted() { continue }
            guard count >= 0 else { throw FileError(.read, name) }
            if count == 0 || untilNewline && block.first == UInt8(ascii: "\n") { return Secret(contents) }
            contents.append(contentsOf: block.prefix(count))
            guard contents.count <= limit else { throw FileError(.read, name, number: EFBIG) }
        }
    }

    /// Makes a folder and those above it, for this user only, unless they exist.
    static func makeFolder(_ path: String) throws(FileError) {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeFolder(String(path[..<slash])) }
        guard unsafe mkdir(path, ownerOnlyFolder) == 0 || errno == EEXIST else { throw FileError(.create, path) }
    }

    /// Makes a folder unless it exists, and sees that files can be made in it.
    static func makeWritableFolder(_ path: String) throws(FileError) {
        try makeFolder(path)
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileError(.create, path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw FileError(.create, path, number: ENOTDIR) }
        guard unsafe access(path, W_OK | X_OK) == 0 else { throw FileError(.write, path) }
    }

    /// Gives a file the first free name of `NAME.1`, `NAME.2`, ….
    ///
    /// - Returns: the new path.
    static func putAside(_ path: String) throws(FileError) -> String {
        for number in 1...mostPutAside {
            let aside = "\(path).\(number)"
            if Files.exists(aside) { continue }
            guard unsafe rename(path, aside) == 0 else { throw FileError(.rename, path) }
            return aside
        }
        throw FileError(.rename, path, number: EEXIST)
    }

    private static let mostPutAside = 999

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a file, or what is in a folder, can be changed.
    static func canWrite(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

    /// The folder that a file is in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Where a link leads; the path itself where it is no link, or leads nowhere.
    static func target(of path: String) -> String {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
            let name = unsafe realpath(path, nil)
        else { return path }
        defer { unsafe free(name) }
        return unsafe String(cString: name)
    }

    /// Whether this user can see if it exists: not in a folder that is closed to others.
    static func mayBeLookedFor(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 || errno != EACCES
    }

    static func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError(.remove, path) }
    }

    /// Names in a folder, sorted; none where there is no such folder.
    static func names(in folder: String) throws(FileError) -> [String] {
        guard let directory = unsafe opendir(folder) else {
            if errno == ENOENT { return [] }
            throw FileError(.list, folder)
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(
                    to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)
                ) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static let ownerOnlyFolder: mode_t = 0o700
    static let ownerOnlyFile: mode_t = 0o600
}
