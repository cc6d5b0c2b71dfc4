import ByteBuffers
import Glibc

/// A program of ours that does one job in a process of its own: what it links to slows no other command down, and what
/// goes wrong in it stays there.
struct CompanionProgram {
    let name: String

    static let sheets = CompanionProgram(name: "keyprov-sheets")
    static let printing = CompanionProgram(name: "keyprov-print")

    /// Bytes of a pipe that are read at a time.
    private static let blockLength = 1 << 16

    /// Runs the program to its end. Its standard error is not ours, so it goes nowhere.
    ///
    /// - Parameters:
    ///   - arguments: no secret among them: others can read them.
    ///   - feed: gives the next bytes for its standard input; nil at the end.
    ///   - take: takes the bytes of its standard output as they come.
    /// - Returns: its exit code; nil where a signal ended it.
    func run(
        _ arguments: [String] = [], feed: () throws -> WipedBuffer?, take: (WipedBuffer) throws -> Void
    ) throws -> Int32? {
        let process = try RunningProgram(name, in: World.current.companionFolders, arguments)
        var pending: (buffer: WipedBuffer, offset: Int)?
        while true {
            try World.current.checkInterruption()
            if pending == nil, process.takesInput {
                if let buffer = try feed() { pending = (buffer, 0) } else { process.endInput() }
            }
            let ready = try process.wait()
            if ready.input, let (buffer, offset) = pending {
                let count = process.write(buffer, from: offset)
                // One that has ended takes no more; what it said of that is in its output.
                if !process.takesInput || offset + count >= buffer.count {
                    pending = nil
                } else {
                    pending = (buffer, offset + count)
                }
            }
            guard ready.output else { continue }
            let block = WipedBuffer(capacity: Self.blockLength)
            guard process.read(into: block, upTo: Self.blockLength) else { return process.exitCode() }
            try take(block)
        }
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
