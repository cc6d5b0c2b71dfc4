import ByteBuffers
import SecretFormats
import USBTransport

/// Everything that a command takes from outside: the bus, randomness, the clock, the terminal, the environment.
///
/// Tests run commands in process in a world of their own. The program has no switch that replaces any of it: what
/// weakens randomness cannot be asked for on a command line.
struct World: Sendable {
    var bus: @Sendable () throws(USBError) -> any USBHost = { () throws(USBError) in try LibUSBHost() }
    var random: any RandomSource = SystemRandom()
    /// Whether a signal asked the program to end.
    var isInterrupted: @Sendable () -> Bool = { Interruption.signal != nil }
    /// Seconds since 1970.
    var now: @Sendable () -> UInt64 = { SystemClock.unixTime }
    var environment: @Sendable (String) -> String? = { Process.environment($0) }
    /// The machine's name.
    var hostName: @Sendable () -> String = { SystemName.host }
    /// Data.
    var output: any ByteSink = FileDescriptorSink.standardOutput
    /// Everything else that is said.
    var speech: any ByteSink = FileDescriptorSink.standardError
    var terminal: any Terminal = SystemTerminal()
    /// Runs a program with its arguments to its end; its exit code, nil where it could not be run.
    var runProgram: @Sendable ([String]) -> Int32? = { ChildProcess.run($0) }
    /// Runs a program for what it writes, with something on its standard input; nil where it could not be run.
    var exchange: @Sendable ([String], Secret, ProgramTerms) -> ProgramAnswer? = {
        ChildProcess.exchange($0, input: $1, $2)
    }
    /// The program that reads pictures, where it stands; nil where it is not installed.
    var pictureProgram: @Sendable () -> String? = { CompanionProgram.pictures.path }
    /// Lets seconds pass. A signal ends it early.
    var wait: @Sendable (_ seconds: UInt64) -> Void = { SystemClock.wait(seconds: $0) }
    /// How many programs can work at once.
    var processors: @Sendable () -> Int = { Process.processors }
    /// Folders in which the programs are that do a part of the work.
    var companionFolders = CompanionProgram.folders
    /// Where the kernel shows processes and device nodes.
    var processFolder = "/proc"
    var deviceFolder = "/dev/bus/usb"
    /// Folders in which udev looks for rules.
    var udevFolders = [
        "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
        "/lib/udev/rules.d",
    ]

    @TaskLocal static var current = World()

    /// The bus that commands use: one that a signal interrupts.
    func openBus() throws(USBError) -> any USBHost { InterruptibleHost(try bus(), isInterrupted: isInterrupted) }

    /// Whether a terminal knows how to move and to color; `dumb` is how one is called that does not (terminfo(5)).
    var terminalObeys: Bool { environment("TERM") != "dumb" }

    func checkInterruption() throws(CommandFailure) {
        guard !isInterrupted() else { throw .interrupted }
    }
}

/// Where bytes go.
protocol ByteSink: Sendable {
    /// All of the bytes, or an error.
    func write(_ bytes: RawSpan) throws(FileError)
}

/// The person, if there is one.
protocol Terminal: Sendable {
    var outputIsTerminal: Bool { get }
    var speechIsTerminal: Bool { get }
    /// Of the window in which is heard what is said, as it is now; nil where that is none, or does not tell.
    var speechSize: TerminalSize? { get }
    /// Asks for a line that does not show while it is typed.
    ///
    /// - Returns: nil where nobody can be asked.
    func askForSecret(_ prompt: String) throws(FileError) -> Secret?
    /// Asks for a line that shows while it is typed.
    ///
    /// - Returns: nil where nobody can be asked.
    func ask(_ prompt: String) throws(FileError) -> String?
    /// The standard input to its end.
    func readInput(limit: Int) throws(FileError) -> Secret
    /// The standard input to its end, block by block.
    func forEachInputBlock(_ body: (WipedBuffer) throws -> Void) throws
}

/// How much a terminal shows at once.
struct TerminalSize: Hashable {
    let columns: Int
    let rows: Int

    /// What terminals were made like since the first ones.
    static let usual = TerminalSize(columns: 80, rows: 24)
}

extension Terminal {
    /// For what is in memory anyway.
    func forEachInputBlock(_ body: (WipedBuffer) throws -> Void) throws {
        let block = WipedBuffer()
        try readInput(limit: Int.max).withBytes { block.append(contentsOf: $0) }
        try body(block)
    }
}
