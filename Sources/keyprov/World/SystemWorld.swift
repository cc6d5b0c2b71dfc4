import ByteBuffers
import FoundationEssentials
import Glibc
import SecretFormats

enum SystemClock {
    static var unixTime: UInt64 { UInt64(clamping: Glibc.time(nil)) }

    static func wait(seconds: UInt64) { _ = sleep(UInt32(clamping: seconds)) }
}

enum SystemName {
    /// The limit of Linux, with the zero behind it (`HOST_NAME_MAX`).
    private static let length = 65

    /// What the machine calls itself; nothing where it does not say.
    static var host: String {
        var name = [CChar](repeating: 0, count: length)
        guard unsafe gethostname(&name, length) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

enum Process {
    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(validatingCString: value)
    }

    /// Those that this process may run on (taskset(1), cpuset(7)).
    static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }
}

struct FileDescriptorSink: ByteSink {
    let descriptor: Int32
    let name: String

    static let standardOutput = FileDescriptorSink(descriptor: STDOUT_FILENO, name: "standard output")
    static let standardError = FileDescriptorSink(descriptor: STDERR_FILENO, name: "standard error")

    func write(_ bytes: RawSpan) throws(FileError) {
        try unsafe bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(FileError) in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let written = unsafe Glibc.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0, errno == EINTR, !World.current.isInterrupted() { continue }
                guard written >= 0 else { throw FileError(.write, name) }
                unsafe rest = rest.dropFirst(written)
            }
        }
    }
}

struct SystemTerminal: Terminal {
    var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    var speechIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    var speechSize: TerminalSize? {
        var window = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return nil
        }
        return TerminalSize(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }

    private static let device = "/dev/tty"
    /// Bytes of a line: a terminal hands out no longer one (termios(3), "Canonical and noncanonical mode").
    private static let lineLimit = 4096

    func ask(_ prompt: String) throws(FileError) -> String? {
        guard let descriptor = Self.open() else { return nil }
        defer { _ = Glibc.close(descriptor) }
        try FileDescriptorSink(descriptor: descriptor, name: Self.device).write(text: prompt)
        let line = try Files.readAll(descriptor, Self.device, limit: Self.lineLimit, untilNewline: true).firstLine
        return line.withBytes { String(decoding: $0) }
    }

    /// - Returns: nil where the program has no terminal.
    private static func open() -> Int32? {
        let descriptor = unsafe Glibc.open(device, O_RDWR | O_CLOEXEC | O_NOCTTY)
        return descriptor >= 0 ? descriptor : nil
    }

    func askForSecret(_ prompt: String) throws(FileError) -> Secret? {
        guard let descriptor = Self.open() else { return nil }
        defer { _ = Glibc.close(descriptor) }
        var shown = termios()
        guard unsafe tcgetattr(descriptor, &shown) == 0 else { return nil }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(descriptor, TCSAFLUSH, &hidden) == 0 else { throw FileError(.read, Self.device) }
        defer {
            _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &shown)
            try? FileDescriptorSink(descriptor: descriptor, name: Self.device).write(text: "\n")
        }
        try FileDescriptorSink(descriptor: descriptor, name: Self.device).write(text: prompt)
        return try Files.readAll(descriptor, Self.device, limit: Self.lineLimit, untilNewline: true)
    }

    func readInput(limit: Int) throws(FileError) -> Secret {
        try Files.readAll(STDIN_FILENO, "standard input", limit: limit)
    }

    func forEachInputBlock(_ body: (WipedBuffer) throws -> Void) throws {
        while true {
            let block = WipedBuffer(capacity: Self.blockLength)
            try block.append(upTo: Self.blockLength) { (target: inout MutableRawSpan) throws(FileError) in
                while true {
                    let count = unsafe target.withUnsafeMutableBytes { target in
                        unsafe Glibc.read(STDIN_FILENO, target.baseAddress, target.count)
                    }
                    if count < 0, errno == EINTR, !World.current.isInterrupted() { continue }
                    guard count >= 0 else { throw FileError(.read, "standard input") }
                    return count
                }
            }
            guard !block.isEmpty else { return }
            try body(block)
        }
    }

    private static let blockLength = 1 << 16
}

extension ByteSink {
    func write(text: String) throws(FileError) {
        try WipedBuffer(Array(text.utf8)).withBytes { bytes throws(FileError) in try write(bytes) }
    }

    func write(_ buffer: WipedBuffer) throws(FileError) {
        try buffer.withBytes { bytes throws(FileError) in try write(bytes) }
    }
}
