import Foundation
import KeyProvision
import SQLiteLedger
import TestSupport
import Testing

/// The program `LedgerStation` as it was built with the tests, into the same folder: real processes on one ledger.
enum StationProcess {
    static let isBuilt = program != nil

    private static let program: String? = {
        let file = Bundle(for: Token.self).bundleURL.deletingLastPathComponent().appendingPathComponent("LedgerStation")
        let beside = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
            .appendingPathComponent("LedgerStation")
        return [file, beside].first { FileManager.default.isExecutableFile(atPath: $0.path) }?.path
    }()

    private final class Token {}

    struct Outcome {
        let lines: [String]
        let status: Int32
        let wasKilled: Bool
    }

    /// Starts a station. It ends by itself, or is killed by who started it.
    static func start(_ ledger: String, _ arguments: [String], through wrapper: [String] = []) throws -> (Process, Pipe)
    {
        let process = Process()
        let command = wrapper + [try #require(program), ledger] + arguments
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output)
    }

    static func run(_ ledger: String, _ arguments: [String], through wrapper: [String] = []) throws -> Outcome {
        let (process, output) = try start(ledger, arguments, through: wrapper)
        return try end(process, output)
    }

    /// Waits for its end.
    static func end(_ process: Process, _ output: Pipe) throws -> Outcome {
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            lines: String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init),
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal)
    }
}

/// A folder of the test's own, gone afterwards.
final class LedgerFolder {
    let url: URL
    var ledger: String { url.appendingPathComponent("ledger").path }

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func open() throws(LedgerError) -> SQLiteLedger {
        try SQLiteLedger(path: ledger) { LedgerBench.start }
    }

    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
    }

    /// Debian's own program, which knows nothing of ours.
    @discardableResult
    func sqlite3(_ sql: String) throws -> String {
        let program = try #require(OutsideProgram("sqlite3"))
        return String(decoding: try program.run([ledger, sql]), as: UTF8.self)
    }
}
