import Foundation

/// A program of the system that judges our output independently: oathtool, zbarimg and the like.
public struct OutsideProgram: Sendable {
    private let file: URL

    /// Nil when no directory of `PATH` has the program.
    public init?(_ name: String) {
        let directories = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let file = directories.map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        guard let file else { return nil }
        self.file = file
    }

    public static func isInstalled(_ name: String) -> Bool { OutsideProgram(name) != nil }

    /// The program ended with another status than 0.
    public struct Failure: Error {
        public let program: String
        public let status: Int32
        /// Of its standard output.
        public let output: [UInt8]
    }

    /// Runs the program to its end and returns its standard output.
    ///
    /// - Parameter input: its standard input, at most as much as a pipe holds (64 KiB).
    public func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let process = Process()
        process.executableURL = file
        process.arguments = arguments
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = FileHandle.nullDevice
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
        try standardInput.fileHandleForWriting.close()
        let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                program: file.lastPathComponent, status: process.terminationStatus, output: Array(output))
        }
        return Array(output)
    }
}

/// Calls `body` with the path of a new file that holds `bytes`; the file is gone afterwards.
public func withTemporaryFile<Result>(
    _ bytes: [UInt8], extension suffix: String, _ body: (_ path: String) throws -> Result
) throws -> Result {
    let name = "keyprov-test-\(UUID().uuidString).\(suffix)"
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
}
