import Glibc

/// Another program, run to its end with our streams.
enum ChildProcess {
    /// - Parameter command: the program, looked for in `PATH`, and its arguments.
    /// - Returns: its exit code; nil where it could not be started or ended by a signal.
    static func run(_ command: [String]) -> Int32? {
        guard let program = command.first else { return nil }
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process = pid_t()
        guard unsafe posix_spawnp(&process, program, nil, nil, &arguments, environ) == 0 else { return nil }
        return wait(for: process)
    }

    /// - Returns: the exit code of the process once it ended; nil where a signal ended it.
    static func wait(for process: pid_t) -> Int32? {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return exitCode(status)
    }

    /// WIFEXITED and WEXITSTATUS are macros: the low seven bits are the signal, the next byte is the code.
    static func exitCode(_ status: Int32) -> Int32? {
        status & signalMask == 0 ? status >> codeShift & codeMask : nil
    }

    private static let signalMask: Int32 = 0x7F
    private static let codeShift: Int32 = 8
    private static let codeMask: Int32 = 0xFF
}
