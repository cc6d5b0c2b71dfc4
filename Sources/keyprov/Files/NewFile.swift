import ByteBuffers
import Glibc

/// A file that appears under its name whole or not at all.
///
/// It is written under a temporary name beside its place, readable by its owner only, flushed to the disk, and then
/// put in place. Dropped before `commit`, it leaves nothing behind.
final class NewFile {
    enum Placement {
        /// Fails where the name is taken.
        case exclusive
        case replacing
    }

    let path: String
    private let placement: Placement
    private let temporary: String
    private var descriptor: Int32

    /// Opens the temporary file, so that a missing folder or permission shows before anything else is done.
    init(_ path: String, _ placement: Placement = .exclusive) throws(FileError) {
        self.path = path
        self.placement = placement
        if placement == .exclusive, Files.exists(path) { throw FileError(.create, path, number: EEXIST) }
        let (folder, name) = Self.split(path)
        temporary = "\(folder)/.\(name).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, Files.ownerOnlyFile)
        guard descriptor >= 0 else { throw FileError(.create, path) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unsafe unlink(temporary)
    }

    func write(_ buffer: WipedBuffer) throws(FileError) {
        try FileDescriptorSink(descriptor: descriptor, name: path).write(buffer)
    }

    /// Flushes the file and puts it in place.
    func commit() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(.write, path) }
        switch placement {
        case .replacing:
            guard unsafe rename(temporary, path) == 0 else { throw FileError(.rename, path) }
        case .exclusive:
            try putExclusively()
        }
        close(descriptor)
        descriptor = -1
        try Self.flushFolder(of: path)
    }

    /// A link fails where the name is taken, which a rename does not. Where the file system has no links (FAT), the
    /// check before the rename is the best there is.
    private func putExclusively() throws(FileError) {
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
