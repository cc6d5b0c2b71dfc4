import ByteBuffers
import DirectoryExchange
import Glibc
import KeyProvision
import SecretFormats

/// A roster that is read several times: once to check all of it, then to work through it.
///
/// A file is opened anew each time, and has to be the same one then. Standard input, pipes and directories give it once, so
/// that goes into a `SpoolFile`.
final class RosterSource {
    private enum Place {
        case file(path: String, FileMark)
        case spool(SpoolFile)
    }

    /// For messages: the file, `standard input`, or the URL.
    let name: String
    /// Whether entries have no lines that anybody could look at.
    let isDirectory: Bool
    private let place: Place
    private let length: Int
    /// The latest one, which knows why it failed.
    private var source: (any ExplainedSource)?

    /// Bytes of a row that says little: what a roster's length says of its rows at most.
    private static let shortRow = 8

    /// Finds the roster. A directory is searched, and standard input read, before this returns.
    init(_ options: RosterOptions, console: Console) throws {
        if let request = options.request {
            // What libldap says of a file that is not there is nothing that a person could act on.
            for path in [request.authorityFile, request.identity?.certificateFile, request.identity?.keyFile] {
                if let path { _ = try InputFile(path) }
            }
            let file = try SpoolFile()
            let found = try DirectoryRoster.search(request, password: try options.password(), into: file)
            if found.references > 0 { console.warn(DirectoryWords.references(found.references)) }
            (name, isDirectory, place, length) = (request.url, true, .spool(file), file.length)
            return
        }
        let path = options.file ?? Self.standardInput
        isDirectory = false
        if path != Self.standardInput, let mark = try FileMark(path) {
            (name, place, length) = (path, .file(path: path, mark), mark.length)
            return
        }
        let file = try SpoolFile()
        if path == Self.standardInput {
            try World.current.terminal.forEachInputBlock { block in try file.write(block) }
        } else {
            try InputFile(path).forEachBlock { block in try file.write(block) }
        }
        (name, place, length) = (path == Self.standardInput ? "standard input" : path, .spool(file), file.length)
    }

    private static let standardInput = "-"

    /// Begins at the start.
    func open() throws -> RosterReader {
        let source: any ExplainedSource
        switch place {
        case .spool(let file): source = file.open()
        case .file(let path, let mark):
            source = try InputFile(path)
            try requireUnchanged(path, mark)
        }
        self.source = source
        return RosterReader(source)
    }

    private func requireUnchanged() throws {
        if case .file(let path, let mark) = place { try requireUnchanged(path, mark) }
    }

    private func requireUnchanged(_ path: String, _ mark: FileMark) throws {
        guard try FileMark(path) == mark else { throw RosterFailure.changed(name) }
    }

    /// Looks at all of it.
    ///
    /// - Parameters:
    ///   - issuer: of entries without one.
    ///   - judge: see `RosterCheck.run`.
    func check(
        issuer: String?, judge: (RosterEntry) throws(RosterObjection) -> Void
    ) throws -> RosterCheck.Outcome {
        var check = RosterCheck(issuer: issuer, expecting: length / Self.shortRow)
        let outcome = try check.run(judge: judge) {
            try World.current.checkInterruption()
            return try open()
        }
        if let error = outcome.problems.first(where: { $0.kind == .unreadable }) { throw source?.cause ?? error }
        try requireUnchanged()
        return outcome
    }

    /// The entries, once more from the start; for a roster that was checked, so the first error ends it. A file that was
    /// changed in the meantime is one, at the latest behind the last entry.
    func entries() throws -> Entries { Entries(reader: try open(), roster: self) }

    struct Entries {
        fileprivate var reader: RosterReader
        fileprivate let roster: RosterSource

        /// Nil at the end.
        mutating func next() throws -> RosterEntry? {
            do throws(RosterError) {
                if let entry = try reader.next() { return entry }
            } catch {
                if error.kind == .unreadable, let cause = roster.source?.cause { throw cause }
                throw RosterFailure.problem(error, name: roster.name, isDirectory: roster.isDirectory)
            }
            try roster.requireUnchanged()
            return nil
        }
    }
}

/// What tells that a file is the one that was looked at before.
private struct FileMark: Hashable {
    let length: Int
    private let device: dev_t
    private let number: ino_t
    private let seconds: Int
    private let nanoseconds: Int

    /// nil for what cannot be read twice, as a pipe.
    init?(_ path: String) throws(FileError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileError(.read, path) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        length = Int(status.st_size)
        (device, number) = (status.st_dev, status.st_ino)
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
}
