import ByteBuffers
import Glibc

/// A program of ours that does one job in a process of its own: what it links to slows no other command down, and what
/// goes wrong in it stays there.
struct CompanionProgram {
    let name: String

    static let sheets = CompanionProgram(name: "keyprov-sheets")
    /// Picture decoders are where a hostile file gets in.
    static let pictures = CompanionProgram(name: "keyprov-pictures")
    static let printing = CompanionProgram(name: "keyprov-print")
    static let directory = CompanionProgram(name: "keyprov-directory")

    /// Where it stands: never what `PATH` has under that name. nil where it is not installed.
    var path: String? {
        World.current.companionFolders.map { $0 + "/" + name }.first { unsafe access($0, X_OK) == 0 }
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: no secret among them: others can read them.
    ///   - inheritsEnvironment: without it the program sees no environment at all, so that none steers it.
    ///   - feed: gives the next bytes for its standard input; nil at the end.
    ///   - take: takes the bytes of its standard output as they come.
    /// - Returns: its exit code; nil where a signal ended it.
    func run(
        _ arguments: [String] = [], inheritsEnvironment: Bool = true, feed: () throws -> WipedBuffer?,
        take: (WipedBuffer) throws -> Void
    ) throws -> Int32? {
        try start(arguments, inheritsEnvironment: inheritsEnvironment).converse(feed: feed, take: take)
    }

    /// Starts the program, for who talks with several at once.
    func start(_ arguments: [String] = [], inheritsEnvironment: Bool = true) throws -> RunningProgram {
        guard let path else { throw CommandFailure.noCompanion(name, folders: World.current.companionFolders) }
        return try RunningProgram([path] + arguments, inheritsEnvironment: inheritsEnvironment)
    }
}

extension CompanionProgram {
    /// Where the programs are: in `libexec` beside the folder of the running one, as `make install` puts them, or in the
    /// same folder, as the build does.
    static let folders: [String] = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return [] }
        let path = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { return [] }
        let folder = String(path[..<slash])
        return [folder + "/../libexec/keyprov", folder]
    }()
}
