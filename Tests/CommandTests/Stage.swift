import ByteBuffers
import Foundation
import SecretFormats
import Synchronization
import TestSupport
import USBTransport

@testable import KeyProvision
@testable import MockDevices
@testable import keyprov

/// A world for commands: a bus of virtual keys, fixed randomness and time, a folder of its own, and ears for what is
/// written.
final class Stage {
    let folder: URL
    private(set) var bus = TestBus([])
    let random = RecordedRandom()
    var terminal = ScriptedTerminal()
    var environment: [String: String]
    /// 2026-11-21 22:13:20 UTC.
    var time: UInt64 = 1_795_299_200
    /// What the standard output fails with, as in `errno.h`.
    var outputFailure: Int32?
    /// What programs write that a command runs for that, by name; the program that reads pictures is the real one.
    var answers: [String: ProgramAnswer] = [:]
    /// The program that reads pictures; nil where it is not installed.
    var pictureProgram = BuiltProgram.pictures?.path
    /// What programs that a command starts do; nil where there are none.
    var runProgram: @Sendable ([String]) -> Int32? = { _ in nil }
    /// How many programs may work at once; nil for as many as there are processors.
    var processors: Int?
    /// Where programs stand that do a part of the work; nil for those that were built.
    var companionFolder: URL?
    /// How many more times the program may ask whether it was interrupted before the answer is yes.
    var interruption: Int?
    /// Called each time that the program asks that.
    var look: @Sendable () -> Void = {}

    struct Result {
        let status: Int32
        let output: [UInt8]
        /// With `$WORK` for the name of the stage's folder, as all text that is compared.
        let outputText: String
        let speech: String
    }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        environment = ["HOME": folder.path]
        try FileManager.default.createDirectory(at: processes, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var keys: [VirtualKey] { bus.keys }
    private var processes: URL { folder.appendingPathComponent("proc") }

    func attach(_ models: [VirtualModel]) {
        bus = TestBus(
            models.enumerated().map { index, model in
                VirtualKey(
                    model: model, serial: UInt32(index + 1), random: SeededGenerator(seed: UInt64(index + 1)))
            })
    }

    /// One key, with the memory that it had when the snapshot was taken.
    func attach(restoring snapshot: [UInt8]) throws { bus = TestBus([try VirtualKey(restoring: snapshot)]) }

    func run(_ arguments: [String]) -> Result {
        bus.rest()
        let (output, speech) = (Recorder(failingWith: outputFailure), Recorder())
        var world = World()
        let (bus, environment, answers, pictureProgram) = (bus, environment, answers, pictureProgram)
        let clock = Mutex(time)
        world.bus = { () throws(USBError) in bus }
        world.random = random
        world.now = { clock.withLock { $0 } }
        world.wait = { seconds in clock.withLock { $0 += seconds } }
        world.pictureProgram = { pictureProgram }
        world.exchange = { command, input, terms in
            let name = command.first ?? ""
            guard !name.hasPrefix("/") else { return ChildProcess.exchange(command, input: input, terms) }
            // One that writes to a file is given the file's name last.
            if let answer = answers[name], let path = command.last, path.hasSuffix(".png"), path.hasPrefix("/") {
                try? Data(answer.output.withBytes { [UInt8](copying: $0) }).write(to: URL(fileURLWithPath: path))
                return ProgramAnswer(exitCode: answer.exitCode, output: Secret(WipedBuffer()), isLate: false)
            }
            return answers[name]
        }
        world.environment = { environment[$0] }
        world.output = output
        world.speech = speech
        world.terminal = terminal
        world.runProgram = runProgram
        if let processors { world.processors = { processors } }
        if let companionFolder { world.companionFolders = [companionFolder.path] }
        world.processFolder = processes.path
        world.udevFolders = [folder.appendingPathComponent("udev").path]
        let left = Mutex(interruption)
        let look = look
        world.isInterrupted = {
            look()
            return left.withLock { left in
                left = left.map { $0 - 1 }
                return bus.hasEnded || left.map { $0 < 0 } ?? false
            }
        }
        let status = World.$current.withValue(world) { Keyprov.run(arguments) }
        (outputFailure, interruption) = (nil, nil)
        terminal.input = []
        return Result(
            status: status, output: output.bytes, outputText: text(output.bytes), speech: text(speech.bytes))
    }

    func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: folder.path, with: "$WORK")
    }

    /// Sets an access code on a key, or the customer key of a Molto2.
    func lock(_ key: VirtualKey, with code: String) throws {
        let secret = Array(code.utf8).withUnsafeBytes { Secret(copying: $0.bytes) }
        let digest = try secret.hashed(with: .sha1).withBytes { [UInt8](copying: $0) }
        let done: Void? = key.withChip(Molto2Chip.self) { chip in
            var memory = chip.memory
            memory.key = Array(digest.prefix(memory.key.count))
            chip = Molto2Chip(serial: key.serial, memory: memory, random: SystemRandomNumberGenerator())
        }
        guard done == nil else { return }
        let connection = try CCIDConnection(device: key.open(), configuration: key.descriptors.configuration)
        defer { connection.close() }
        let session = try OATHSession(channel: APDUChannel(connection: connection))
        try session.setAccessKey(session.accessKey(for: secret), challenge: Array(repeating: 7, count: 8))
    }

    /// Sets the PIN of a Token2 PIN+, which its maker's program does otherwise, or of a Nitrokey 3.
    func setPIN(of key: VirtualKey, to pin: String) throws {
        guard key.withChip(Nitrokey3Chip.self, { $0.memory.pin = Array(pin.utf8) }) == nil else { return }
        let hash = try Token2Crypto.sha256(Array(pin.utf8))
        _ = key.withChip(Token2Chip.self) { chip in
            var memory = chip.memory
            memory.pin = Token2Memory.PIN(hash: hash, length: UInt8(clamping: pin.utf8.count))
            chip = Token2Chip(
                serial: key.serial, hasPIN: true, memory: memory, random: SystemRandomNumberGenerator())
        }
    }

    /// An OnlyKey as it is before its PIN is typed.
    func lock(_ key: VirtualKey) { _ = key.withChip(OnlyKeyChip.self) { $0.access = .locked } }

    /// What is with the card of a Mooltipass BLE, or with the key itself that others use.
    func setCard(of key: VirtualKey, _ state: String) throws {
        struct NoSuchState: Error {}
        let change: @Sendable (inout MooltipassChip) -> Void =
            switch state {
            case "missing": { $0.card = .missing }
            case "locked": { $0.card = .locked }
            case "managed": { ($0.card, $0.isManaged) = (.unlocked, true) }
            case "busy": { ($0.card, $0.isManaged, $0.busyAnswers) = (.unlocked, false, .max) }
            default: throw NoSuchState()
            }
        guard key.withChip(MooltipassChip.self, change) != nil else { throw NoSuchState() }
    }

    /// A made-up process; with a device it has that one open.
    func startProcess(_ number: Int, _ name: String, holding device: USBDeviceDescription?) throws {
        let process = processes.appendingPathComponent(String(number))
        let descriptors = process.appendingPathComponent("fd")
        try FileManager.default.createDirectory(at: descriptors, withIntermediateDirectories: true)
        try Data((name + "\n").utf8).write(to: process.appendingPathComponent("comm"))
        guard let device else { return }
        let node = String(format: "/dev/bus/usb/%03d/%03d", Int(device.location.bus), Int(device.address))
        try FileManager.default.createSymbolicLink(
            atPath: descriptors.appendingPathComponent("9").path, withDestinationPath: node)
    }
}

/// Keeps what is written to it.
final class Recorder: ByteSink {
    private let contents = Mutex<[UInt8]>([])
    private let failure: Int32?

    init(failingWith failure: Int32? = nil) { self.failure = failure }

    var bytes: [UInt8] { contents.withLock { $0 } }

    func write(_ bytes: RawSpan) throws(FileError) {
        if let failure { throw FileError(.write, "standard output", number: failure) }
        bytes.withUnsafeBytes { bytes in contents.withLock { $0 += Array(bytes) } }
    }
}

/// A person who types one line, and a standard input.
struct ScriptedTerminal: Terminal {
    var outputIsTerminal = false
    var speechIsTerminal = false
    var speechSize: TerminalSize?
    /// nil where nobody is there.
    var line: String?
    /// What is typed at the first prompts, before `line`.
    let earlier = TypedLines()
    var input: [UInt8] = []

    func askForSecret(_ prompt: String) throws(FileError) -> Secret? {
        (earlier.next() ?? line).map { line in Array(line.utf8).withUnsafeBytes { Secret(copying: $0.bytes) } }
    }

    func ask(_ prompt: String) throws(FileError) -> String? { line }

    func readInput(limit: Int) throws(FileError) -> Secret {
        input.withUnsafeBytes { Secret(copying: $0.bytes) }
    }
}

/// Lines that are typed one after the other.
final class TypedLines: Sendable {
    private let lines = Mutex<[String]>([])

    func set(_ lines: [String]) { self.lines.withLock { $0 = lines } }

    func next() -> String? { lines.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}

/// Random bytes that are the same in every run, and a list of those that may be secrets.
final class RecordedRandom: RandomSource {
    private let state = Mutex((generator: SeededGenerator(seed: 1), drawn: [[UInt8]]()))
    private static let shortestSecret = 16

    /// What was drawn and is as long as a secret.
    var secrets: [[UInt8]] { state.withLock { $0.drawn.filter { $0.count >= Self.shortestSecret } } }

    func fill(_ bytes: inout MutableRawSpan) {
        bytes.withUnsafeMutableBytes { bytes in
            state.withLock { state in
                for index in bytes.indices { bytes[index] = .random(in: 0...255, using: &state.generator) }
                state.drawn.append(Array(bytes))
            }
        }
    }
}
