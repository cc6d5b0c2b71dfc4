import Glibc

/// The folder for what is kept between runs, or one in it.
enum StateFolder {
    static func make(_ path: String) throws(CommandFailure) {
        do throws(FileError) { try Files.makeFolder(path) } catch { throw .stateFolder(error) }
    }

    /// Why nobody could make files there, or the folder where it is missing; nil where nothing is in the way.
    static func obstacle(to path: String) -> FileError? {
        var place = path
        var status = stat()
        while unsafe stat(place, &status) != 0, place != "/", place != "." { place = Files.folder(of: place) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return FileError(.write, place, number: ENOTDIR) }
        return unsafe access(place, W_OK | X_OK) == 0 ? nil : FileError(.write, place)
    }
}
