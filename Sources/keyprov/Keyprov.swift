import ArgumentParser
import Glibc

@main
struct Keyprov: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        // Every command names itself: otherwise the parser asks the runtime for the type's name, which takes half of the
        // start-up.
        commandName: "keyprov",
        abstract:
            "Hand out OTP hardware keys: generate a secret, write it to the key, prove it, print it for the server.",
        version: version,
        subcommands: [
            Enroll.self,
            Import.self,
            BatchCommand.self,
            Code.self,
            Credentials.self,
            Slots.self,
            PINCommand.self,
            Computer.self,
            Devices.self,
            Keys.self,
            Generate.self,
            Convert.self,
            Seal.self,
            Open.self,
            LedgerCommand.self,
            Sheet.self,
            Roster.self,
            QRCommand.self,
            Profiles.self,
            Virtual.self,
            Doctor.self,
            UdevRulesCommand.self,
        ])

    /// Without a command nothing was asked for, so the help is no data, and a script that lost its command fails.
    func run() throws {
        try? World.current.speech.write(text: Self.helpMessage() + "\n")
        throw CommandFailure.usage("a command is missing")
    }

    static func main() {
        StandardStreams.fillGaps()
        Interruption.install()
        // A closed pipe is an error to report, not a reason to vanish; a crash must not write secrets to a core file.
        _ = signal(SIGPIPE, SIG_IGN)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        let status = run(Array(CommandLine.arguments.dropFirst()))
        // What was done to its end in spite of a signal is a success.
        if status != ExitStatus.success.rawValue, let signal = Interruption.signal { Interruption.end(by: signal) }
        Glibc.exit(status)
    }

    /// Runs one command line in the current world.
    ///
    /// - Returns: the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return 0
        } catch {
            return report(error, arguments)
        }
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> Int32 {
        var error = error
        switch exitCode(for: error) {
        case .success:
            do {
                if let failure = CommandLineMistake.inRequestForHelp(arguments) { throw failure }
                // Help and version are what was asked for: data.
                try World.current.output.write(text: fullMessage(for: error) + "\n")
                return ExitStatus.success.rawValue
            } catch let failure {
                error = failure
            }
        case .validationFailure:
            error = CommandLineMistake(message(for: error), arguments).failure
        default: break
        }
        let diagnosis = Diagnosis(error)
        diagnosis.say()
        return diagnosis.exitCode.rawValue
    }
}
