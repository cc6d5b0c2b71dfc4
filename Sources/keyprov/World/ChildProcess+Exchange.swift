import ByteBuffers
import Glibc
import SecretFormats

/// What a program gave that was run for what it writes.
struct ProgramAnswer {
    /// nil where a signal ended it, ours when it was late among them.
    let exitCode: Int32?
    let output: Secret
    let isLate: Bool
}

/// How a program is run for what it writes.
struct ProgramTerms {
    /// Bytes of output that are taken; a program that writes more is ended.
    let outputLimit: Int
    /// After which it is ended.
    let seconds: Int
    /// Without it the program sees no environment at all, so that none steers it.
    var inheritsEnvironment = true
}

extension ChildProcess {
    /// Runs a program with `input` on its standard input. What it says on its standard error is not heard.
    ///
    /// - Returns: nil where it could not be started.
    static func exchange(_ command: [String], input: Secret, _ terms: ProgramTerms) -> ProgramAnswer? {
        guard let toProgram = Pipe(), let fromProgram = Pipe(), toProgram.letWritesFail() else { return nil }
        guard
            let process = start(
                command, input: toProgram.readEnd, output: fromProgram.writeEnd,
                inheritsEnvironment: terms.inheritsEnvironment)
        else { return nil }
        toProgram.closeReadEnd()
        fromProgram.closeWriteEnd()
        let output = WipedBuffer(capacity: 1 << 16)
        let isDone = input.withBytes { input in pump(input, toProgram, fromProgram, output, terms) }
        toProgram.closeWriteEnd()
        if !isDone { _ = kill(process, SIGKILL) }
        return ProgramAnswer(exitCode: wait(for: process), output: Secret(output), isLate: !isDone)
    }

    private static let blockLength = 1 << 16
    private static let millisecondsPerSecond = 1_000
    /// Between two looks at whether the person interrupted us.
    private static let patience: Int32 = 200

    private static func start(
        _ command: [String], input: Int32, output: Int32, inheritsEnvironment: Bool
    ) -> pid_t? {
        guard let program = command.first else { return nil }
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var nothing: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var actions = unsafe posix_spawn_file_actions_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
        guard unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) == 0,
            unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0,
            unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0
        else { return nil }
        var process = pid_t()
        let failure =
            inheritsEnvironment
            ? unsafe posix_spawnp(&process, program, &actions, nil, &arguments, environ)
            : unsafe posix_spawnp(&process, program, &actions, nil, &arguments, &nothing)
        return failure == 0 ? process : nil
    }

    /// Writes and reads as the program takes and gives, so that neither side waits for the other.
    ///
    /// - Returns: whether the program closed its output in time and within its limit.
    private static func pump(
        _ input: RawSpan, _ toProgram: Pipe, _ fromProgram: Pipe, _ output: WipedBuffer, _ terms: ProgramTerms
    ) -> Bool {
        let deadline = ContinuousClock.now + .seconds(terms.seconds)
        var sent = 0
        while ContinuousClock.now < deadline, !World.current.isInterrupted() {
            if sent == input.byteCount { toProgram.closeWriteEnd() }
            var waiting = [
                pollfd(fd: fromProgram.readEnd, events: Int16(POLLIN), revents: 0),
                // A negative number is left out.
                pollfd(fd: toProgram.writeEnd, events: Int16(POLLOUT), revents: 0),
            ]
            let ready = unsafe poll(&waiting, nfds_t(waiting.count), patience)
            guard ready > 0 else {
                if ready < 0, errno != EINTR { return false }
                continue
            }
            if waiting[1].revents != 0 {
                let rest = input.extracting(sent..<min(input.byteCount, sent + blockLength))
                let count = unsafe rest.withUnsafeBytes { unsafe write(toProgram.writeEnd, $0.baseAddress, $0.count) }
                // It may have seen enough, and closed its end.
                sent = count < 0 ? (errno == EAGAIN || errno == EINTR ? sent : input.byteCount) : sent + count
            }
            if waiting[0].revents != 0 {
                var count = 0
                output.append(upTo: blockLength) { target in
                    count = unsafe target.withUnsafeMutableBytes { target in
                        unsafe read(fromProgram.readEnd, target.baseAddress, target.count)
                    }
                    return count
                }
                if count == 0 { return true }
                if count < 0, errno != EINTR, errno != EAGAIN { return false }
                if output.count > terms.outputLimit { return false }
            }
        }
        return false
    }
}

/// Two ends, which other programs do not inherit by accident. What is left open goes with it.
private final class Pipe {
    private(set) var readEnd: Int32
    private(set) var writeEnd: Int32
    private static let closed: Int32 = -1

    init?() {
        var ends: [Int32] = [Self.closed, Self.closed]
        guard unsafe pipe(&ends) == 0, let first = ends.first, let last = ends.last else { return nil }
        (readEnd, writeEnd) = (first, last)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    /// Has a write fail instead of wait for a program that does not read. The end that a program gets stays as programs
    /// expect it.
    func letWritesFail() -> Bool { fcntl(writeEnd, F_SETFL, O_NONBLOCK) == 0 }

    deinit {
        closeReadEnd()
        closeWriteEnd()
    }

    func closeReadEnd() { Self.close(&readEnd) }
    func closeWriteEnd() { Self.close(&writeEnd) }

    private static func close(_ end: inout Int32) {
        if end != closed { _ = Glibc.close(end) }
        end = closed
    }
}
