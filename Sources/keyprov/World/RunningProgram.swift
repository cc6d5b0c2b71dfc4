import ByteBuffers
import Glibc
import Synchronization

/// A child process with pipes to its standard input and from its standard output. What it says on its standard error is
/// not heard. One that is dropped is ended.
final class RunningProgram {
    private var process = pid_t()
    private var input = closed
    private var output = closed
    private static let closed: Int32 = -1

    /// - Parameters:
    ///   - command: the program, looked for in `PATH` where its name has no slash, and its arguments.
    ///   - inheritsEnvironment: without it the program sees no environment at all, so that none steers it.
    init(_ command: [String], inheritsEnvironment: Bool = true) throws(FileError) {
        let name = command.first ?? ""
        // A program that is started between the making of an end and its marking would inherit it, and keep the other
        // end from ever seeing the end.
        let number = Self.starting.withLock { _ in start(command, inheritsEnvironment) }
        guard number == 0 else { throw FileError(.start, name, number: number) }
    }

    private static let starting = Mutex(())

    /// - Returns: 0, or why it did not start.
    private func start(_ command: [String], _ inheritsEnvironment: Bool) -> Int32 {
        guard let (childInput, toChild) = Self.pipe() else { return errno }
        defer { close(childInput) }
        input = toChild
        guard let (fromChild, childOutput) = Self.pipe() else { return errno }
        defer { close(childOutput) }
        output = fromChild
        // A program that does not read makes a write fail instead of wait. The end that it gets stays as it expects it.
        guard let program = command.first, fcntl(input, F_SETFL, O_NONBLOCK) == 0 else { return errno }
        var actions = unsafe posix_spawn_file_actions_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { return errno }
        defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
        guard unsafe posix_spawn_file_actions_adddup2(&actions, childInput, STDIN_FILENO) == 0,
            unsafe posix_spawn_file_actions_adddup2(&actions, childOutput, STDOUT_FILENO) == 0,
            unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0
        else { return errno }
        var words = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var nothing: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        let number =
            inheritsEnvironment
            ? unsafe posix_spawnp(&process, program, &actions, nil, &words, environ)
            : unsafe posix_spawnp(&process, program, &actions, nil, &words, &nothing)
        if number != 0 { process = 0 }
        return number
    }

    deinit {
        endInput()
        if output >= 0 { close(output) }
        kill()
    }

    var takesInput: Bool { input >= 0 }

    func endInput() {
        if input >= 0 { close(input) }
        input = Self.closed
    }

    /// Ends it, whatever it does.
    func kill() {
        guard process > 0 else { return }
        _ = Glibc.kill(process, SIGKILL)
        _ = exitCode()
    }

    /// Waits until one of the pipes is ready. After a signal neither is.
    func wait() throws(FileError) -> (input: Bool, output: Bool) {
        try Self.wait(for: [(self, true)]).first ?? (false, false)
    }

    /// Waits until one of the pipes of one of the programs is ready. After a signal none is.
    ///
    /// - Parameter programs: and whether there is anything for their input.
    /// - Returns: as many as there are programs.
    static func wait(
        for programs: [(program: RunningProgram, hasInput: Bool)]
    ) throws(FileError) -> [(input: Bool, output: Bool)] {
        // A negative descriptor is passed over (poll(2)).
        var pipes = programs.map { pollfd(fd: $1 ? $0.input : closed, events: Int16(POLLOUT), revents: 0) }
        pipes += programs.map { pollfd(fd: $0.program.output, events: Int16(POLLIN), revents: 0) }
        guard unsafe poll(&pipes, nfds_t(pipes.count), patience) >= 0 else {
            guard errno == EINTR else { throw FileError(.read, "a pipe") }
            return programs.map { _ in (false, false) }
        }
        return zip(pipes.prefix(programs.count), pipes.dropFirst(programs.count))
            .map { ($0.revents != 0, $1.revents != 0) }
    }

    /// Milliseconds between two looks at whether a signal came.
    private static let patience: Int32 = 200

    /// How many bytes the pipe took.
    func write(_ buffer: WipedBuffer, from offset: Int) -> Int {
        let count = buffer.withBytes { bytes in
            unsafe bytes.extracting(offset..<bytes.byteCount).withUnsafeBytes { bytes in
                unsafe Glibc.write(input, bytes.baseAddress, bytes.count)
            }
        }
        if count < 0, errno != EAGAIN, errno != EINTR { endInput() }
        return max(count, 0)
    }

    /// False at the end.
    func read(into buffer: WipedBuffer, upTo limit: Int) -> Bool {
        let before = buffer.count
        buffer.append(upTo: limit) { target in
            while true {
                let count = unsafe target.withUnsafeMutableBytes { target in
                    unsafe Glibc.read(output, target.baseAddress, target.count)
                }
                if count < 0, errno == EINTR { continue }
                return max(count, 0)
            }
        }
        return buffer.count > before
    }

    func exitCode() -> Int32? {
        guard process > 0 else { return nil }
        defer { process = 0 }
        return ChildProcess.wait(for: process)
    }

    /// Two ends, which programs do not inherit that they are not given to.
    private static func pipe() -> (reading: Int32, writing: Int32)? {
        var ends = [closed, closed]
        guard unsafe Glibc.pipe(&ends) == 0, let reading = ends.first, let writing = ends.last else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (reading, writing)
    }
}
