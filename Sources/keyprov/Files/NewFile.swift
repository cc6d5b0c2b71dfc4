import ByteBuffers
import Glibc

/// A file that appears under its name whole or not at all.
///
/// It is written without a name in the folder of its place, readable by its owner only, flushed to the disk, and then put in
/// place. Dropped before `commit`, it leaves nothing behind, nor does a process that is killed; only where the file system
/// has no such files (FAT, NFS) it has a temporary name meanwhile, and a kill leaves that one.
final class NewFile {
    enum Placement {
        /// Fails where the name is taken.
        case exclusive
        case replacing
    }

    let path: String
    private let placement: Placement
    private let temporary: String
    /// Whether the file is under its temporary name.
    private var isNamed = false
    private var descriptor: Int32

    /// Opens the file, so that a missing folder or permission shows before anything else is done.
    init(_ path: String, _ placement: Placement = .exclusive) throws(FileError) {
        self.path = path
        self.placement = placement
        if placement == .exclusive, Files.exists(path) { throw FileError(.create, path, number: EEXIST) }
        let (folder, name) = Self.split(path)
        temporary = "\(folder)/.\(name).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
        if let nameless = Self.openNameless(in: folder) {
            descriptor = nameless
            return
        }
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, Files.ownerOnlyFile)
        guard descriptor >= 0 else { throw FileError(.create, path) }
        isNamed = true
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        if isNamed { unsafe unlink(temporary) }
    }

    /// Nil where a file needs a name. Whatever else keeps one from being made there, an attempt with a name says.
    static func openNameless(in folder: String) -> Int32? {
        let descriptor = unsafe open(folder, nameless | O_WRONLY | O_CLOEXEC, Files.ownerOnlyFile)
        guard descriptor >= 0 else { return nil }
        // By this it gets its name.
        guard Files.exists(handle(of: descriptor)) else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// O_TMPFILE, which Swift does not see (open(2)).
    private static let nameless = 0o20_000_000 | O_DIRECTORY

    private static func handle(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

    func write(_ buffer: WipedBuffer) throws(FileError) {
        try FileDescriptorSink(descriptor: descriptor, name: path).write(buffer)
    }

    /// Flushes the file and puts it in place.
    func commit() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(.write, path) }
        switch placement {
        case .replacing:
            if !isNamed { try give(name: temporary) }
            isNamed = true
            guard unsafe rename(temporary, path) == 0 else { throw FileError(.rename, path) }
        case .exclusive:
            try putExclusively()
        }
        close(descriptor)
        descriptor = -1
        try Self.flushFolder(of: path)
    }

    /// Fails where the name is taken.
    private func give(name: String) throws(FileError) {
        guard unsafe linkat(AT_FDCWD, Self.handle(of: descriptor), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
            throw FileError(.create, path)
        }
    }

    /// A link fails where the name is taken, which a rename does not. Where the file system has no links (FAT), the
    /// check before the rename is the best there is.
    private func putExclusively() throws(FileError) {
        guard isNamed else { return try give(name: path) }
        if unsafe link(temporary, path) == 0 {
            unsafe unlink(temporary)
            return
        }
        guard errno == EPERM || errno == EOPNOTSUPP else { throw FileError(.create, path) }
        guard !Files.exists(path) else { throw FileError(.create, path, number: EEXIST) }
        guard unsafe rename(temporary, path) == 0 else { throw FileError(.rename, path) }
    }

    private static func flushFolder(of path: String) throws(FileError) {
        let folder = split(path).folder
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.write, folder) }
        defer { _ = close(descriptor) }
        // Some file systems cannot flush a folder and say so; the file itself is on the disk already.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError(.write, folder) }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }
}
