import ByteBuffers
import Glibc

/// A child process with pipes to its standard input and from its standard output. One that is dropped is ended.
final class RunningProgram {
    private var process = pid_t()
    private var input: Int32 = -1
    private var output: Int32 = -1

    /// - Throws: `.noCompanion` where none of the folders has the program.
    init(_ name: String, in folders: [String], _ arguments: [String]) throws {
        guard let path = folders.map({ $0 + "/" + name }).first(where: { unsafe access($0, X_OK) == 0 }) else {
            throw CommandFailure.noCompanion(name, folders: folders)
        }
        let (childInput, toChild) = try Self.pipe(name)
        input = toChild
        let fromChild: Int32
        let childOutput: Int32
        do {
            (fromChild, childOutput) = try Self.pipe(name)
        } catch {
            close(childInput)
            throw error
        }
        output = fromChild
        defer {
            close(childInput)
            close(childOutput)
        }
        _ = fcntl(input, F_SETFL, O_NONBLOCK)
        var actions = unsafe posix_spawn_file_actions_t()
        _ = unsafe posix_spawn_file_actions_init(&actions)
        defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, childInput, STDIN_FILENO)
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, childOutput, STDOUT_FILENO)
        _ = unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        let number = unsafe posix_spawn(&process, path, &actions, nil, &words, environ)
        guard number == 0 else {
            process = 0
            throw FileError(.start, path, number: number)
        }
    }

    deinit {
        if input >= 0 { close(input) }
        if output >= 0 { close(output) }
        guard process > 0 else { return }
        _ = kill(process, SIGKILL)
        _ = exitCode()
    }

    var takesInput: Bool { input >= 0 }

    func endInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Waits until one of the pipes is ready. After a signal neither is.
    func wait() throws(FileError) -> (input: Bool, output: Bool) {
        // A negative descriptor is passed over (poll(2)).
        var pipes = [
            pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        ]
        guard unsafe poll(&pipes, nfds_t(pipes.count), Self.patience) >= 0 else {
            guard errno == EINTR else { throw FileError(.read, "a pipe") }
            return (false, false)
        }
        return (pipes.first.map { $0.revents != 0 } ?? false, pipes.last.map { $0.revents != 0 } ?? false)
    }

    /// Milliseconds between two looks at whether a signal came.
    private static let patience: Int32 = 500

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
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        process = 0
        return ChildProcess.exitCode(status)
    }

    /// A pair of sockets rather than a pipe, since it can be made so that no other child inherits an end of it: one that
    /// did would keep the other end from ever seeing the end.
    private static func pipe(_ name: String) throws(FileError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0, let reading = ends.first, let writing = ends.last else {
            throw FileError(.start, name)
        }
        return (reading, writing)
    }
}
