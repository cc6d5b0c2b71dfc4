import Foundation
import Testing

/// The built program, serving: started with a state folder of its own, told what to do over its standard input, and
/// ended with it.
final class ServedProcess {
    let process = Process()
    let folder: URL
    private let input = Pipe()
    private let output = Pipe()
    private let log: URL
    private var unread = Data()

    /// - Parameter arguments: those after `virtual serve`.
    init(_ arguments: [String]) throws {
        let files = FileManager.default
        folder = files.temporaryDirectory.appendingPathComponent("keyprov-served-\(UUID().uuidString)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        process.executableURL = Self.program
        process.arguments = ["virtual", "serve", "--state", folder.path, "--until-eof"] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The program stands beside the bundle of the tests.
    private static var program: URL {
        Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent("keyprov")
    }

    func line() throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the server ended: \(logText)")
            unread += more
        }
    }

    func say(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// The last line that the program said, when it says no more.
    func end() throws -> Int32 {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }

    var logText: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Descriptors that the program has open.
    var descriptorCount: Int {
        let folder = "/proc/\(process.processIdentifier)/fd"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).count
    }
}
