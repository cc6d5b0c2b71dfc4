import ArgumentParser
import Glibc

@main
struct Keyprov: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "keyprov",
        abstract:
            "Hand out OTP hardware keys: generate a secret, write it to the key, prove it, print it for the server.",
        version: version,
        subcommands: [
            Enroll.self, Code.self, Credentials.self, Devices.self, Generate.self, Virtual.self, Doctor.self,
            UdevRulesCommand.self,
        ])

    static func main() {
        // A closed pipe is an error to report, not a reason to vanish; a crash must not write secrets to a core file.
        _ = signal(SIGPIPE, SIG_IGN)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        Glibc.exit(run(Array(CommandLine.arguments.dropFirst())))
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
        if exitCode(for: error) == .success {
            // Help and version are what was asked for: data.
            try? World.current.output.write(text: fullMessage(for: error) + "\n")
            return 0
        }
        var error = error
        if exitCode(for: error) == .validationFailure {
            error = CommandFailure.usage(phrase(message(for: error)), help: helpCommand(arguments))
        }
        let diagnosis = Diagnosis(error)
        diagnosis.say()
        return diagnosis.exitCode.rawValue
    }

    /// The argument parser's sentence as we write ours: lower case, no full stop, in one line.
    private static func phrase(_ sentence: String) -> String {
        let line = sentence.split(separator: "\n").joined(separator: " ")
        let words = line.hasSuffix(".") ? line.dropLast() : line[...]
        return words.prefix(1).lowercased() + words.dropFirst()
    }

    /// The innermost command that the arguments name.
    private static func helpCommand(_ arguments: [String]) -> String {
        var command: any ParsableCommand.Type = Keyprov.self
        var path = ["keyprov"]
        for argument in arguments {
            guard let inner = command.configuration.subcommands.first(where: { $0._commandName == argument }) else {
                break
            }
            command = inner
            path.append(argument)
        }
        return path.joined(separator: " ")
    }
}
