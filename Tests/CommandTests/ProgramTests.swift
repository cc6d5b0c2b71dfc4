import Foundation
import TestSupport
import Testing

/// The program as a process: what only a process has, namely signals and standard streams.
@Suite(.enabled(if: BuiltProgram.url != nil, "the program stands not beside the tests"))
struct ProgramTests {
    @Test func `A closed standard output is an error, and nothing is written in its place`() throws {
        let result = try shell("keyprov generate --account alice >&-")
        #expect(result.status == 74)
        #expect(result.speech.hasPrefix("keyprov: error: cannot write 'standard output'"))
        // The files that an enrollment opens must not take its place.
        let enrolled = try shell(
            "keyprov enroll --virtual yubikey5 --account alice --qr a.png >&-; code=$?; ls -A; exit $code")
        #expect(enrolled.status == 74)
        #expect(enrolled.output == ".local\n")
        #expect(try shell("keyprov devices <&- 2>&-").status == 0)
    }

    @Test func `A pipe that nobody reads ends the program with its exit code`() throws {
        let result = try shell("{ keyprov generate --account 'u{n}' --count 5000; echo $? >&2; } | head -n 1")
        #expect(result.speech.contains("broken pipe"))
        #expect(result.speech.hasSuffix("74\n"))
    }

    @Test func `A full disk is an error`() throws {
        let result = try shell("keyprov --version > /dev/full")
        #expect(result.status == 74)
    }

    @Test(
        .enabled(
            if: geteuid() != 0 || OutsideProgram.isInstalled("setpriv"), "it takes setpriv to be another user than root"
        ))
    func `The doctor sees that the state folder cannot be made, and a command says what helps`() throws {
        let user = geteuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups" : ""
        let result = try shell(
            """
            mkdir home && chmod 555 home && export HOME=$PWD/home
            \(user) keyprov doctor; \(user) keyprov enroll --virtual yubikey5 --account a
            """)
        #expect(result.output.contains("failed  state folder: cannot write '"))
        #expect(result.output.contains("/home': permission denied\n        --state DIR names another folder"))
        #expect(result.status == 77)
        #expect(result.speech.contains("hint: --state DIR names another folder"))
    }

    /// libxml2 would print the text that it gives up on, which may be a secret.
    @Test func `A library that stumbles over a file prints nothing of it`() throws {
        let result = try shell(
            """
            { printf '<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"><KeyPackage>'
              head -c 20000000 /dev/zero | tr '\\0' A; echo '</KeyPackage></KeyContainer>'; } > huge.xml
            keyprov convert huge.xml --from pskc --to otpauth
            """)
        #expect(result.status == 65)
        #expect(!result.speech.contains("AAAA"))
        #expect(result.speech.split(separator: "\n").allSatisfy { $0.hasPrefix("keyprov: ") })
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("pdftotext"), "pdftotext is not installed"))
    func `A label says whose it is, by the account where no owner is known`() throws {
        let result = try shell(
            """
            keyprov generate --account alice --out one --quiet
            keyprov sheet --from one --template label --paper L7160 --out label.pdf && pdftotext label.pdf -
            """)
        #expect(result.output.split(separator: "\n").contains("alice"))
    }

    @Test func `Where no font is installed no page is drawn, and it is said why`() throws {
        let result = try shell(
            """
            echo '<fontconfig></fontconfig>' > none.conf
            keyprov generate --account alice --out one --quiet
            FONTCONFIG_FILE=$PWD/none.conf keyprov sheet --from one --out sheet.pdf; code=$?; ls; exit $code
            """)
        #expect(result.status == 1)
        #expect(result.speech.contains("keyprov: hint: install more fonts"))
        #expect(result.output == "none.conf\none\n")
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `Watching ends at a signal, without a complaint`(_ signal: Int32) throws {
        let result = try interrupted(["devices", "--watch"], by: signal)
        #expect(result.reason == .exit)
        #expect(result.status == 0)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `Work that a signal cuts short leaves no file, and ends by that signal`(_ signal: Int32) throws {
        let result = try interrupted(
            ["generate", "--account", "u{n}", "--count", "10000000", "--out", "many"], by: signal)
        #expect(result.reason == .uncaughtSignal)
        #expect(result.status == signal)
        #expect(result.files.isEmpty)
    }

    @Test(.enabled(if: OutsideHelp.canMount, "no file system of its own can be had here (unshare --mount)"))
    func `A ledger on a read-only file system can be looked at and not changed`() throws {
        let result = try shell(
            """
            mkdir disk && keyprov enroll --virtual yubikey5 --account alice --qr none --ledger "$HOME/disk/l.db" > enrolled
            \(OutsideHelp.namespace.joined(separator: " ")) sh -c '
                mount --bind "$HOME/disk" "$HOME/disk" && mount -o remount,bind,ro "$HOME/disk"
                for command in status history check; do
                    keyprov ledger $command --ledger "$HOME/disk/l.db" > $command || echo "$command failed"
                done
                keyprov ledger forget alice --ledger "$HOME/disk/l.db"; echo $?'
            cat status history check; ls disk
            """)
        #expect(result.output.hasPrefix("74\n"), "\(result.output)\(result.speech)")
        for word in [" alice ", " verified ", "head "] { #expect(result.output.contains(word), "\(result.output)") }
        #expect(result.output.hasSuffix("\nl.db\nl.db-runs\nl.db.identity\n"), "\(result.output)")
    }

    // MARK: Processes

    private struct Result {
        let status: Int32
        let output: String
        let speech: String
    }

    /// Runs a line of shell in a folder of its own, with the program in `PATH`.
    private func shell(_ line: String) throws -> Result {
        try withFolder { folder in
            let process = try process("/bin/sh", ["-c", line], in: folder)
            let (output, speech) = (Pipe(), Pipe())
            (process.standardOutput, process.standardError) = (output, speech)
            try process.run()
            let said = try speech.fileHandleForReading.readToEnd() ?? Data()
            let written = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return Result(
                status: process.terminationStatus, output: String(decoding: written, as: UTF8.self),
                speech: String(decoding: said, as: UTF8.self))
        }
    }

    /// Runs the program and sends it a signal once it has said or written something, or begun a file.
    private func interrupted(
        _ arguments: [String], by signal: Int32
    ) throws -> (reason: Process.TerminationReason, status: Int32, files: [String]) {
        let program = try #require(BuiltProgram.url)
        return try withFolder { folder in
            let process = try process(program.path, arguments, in: folder)
            (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
            try process.run()
            // Its handlers are in place when the kernel shows them as caught.
            while process.isRunning, !(try catches(signal, process.processIdentifier)) { usleep(2_000) }
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            return (process.terminationReason, process.terminationStatus, files)
        }
    }

    private func catches(_ signal: Int32, _ process: Int32) throws -> Bool {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") } ?? ""
        let mask = line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
        return mask >> UInt64(signal - 1) & 1 == 1
    }

    private func process(_ path: String, _ arguments: [String], in folder: URL) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let folders = [try #require(BuiltProgram.url).deletingLastPathComponent().path, "/usr/bin", "/bin"]
        process.environment = ["HOME": folder.path, "PATH": folders.joined(separator: ":")]
        process.standardInput = FileHandle.nullDevice
        return process
    }

    private func withFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}

/// The program as it was built with the tests, into the same folder.
enum BuiltProgram {
    static let url = find("keyprov")
    static let pictures = find("keyprov-pictures")

    private static func find(_ name: String) -> URL? {
        let file = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent(name)
        return FileManager.default.isExecutableFile(atPath: file.path) ? file : nil
    }
}
