import ArgumentParser
import KeyProvision

/// What the argument parser did not take, in our words.
struct CommandLineMistake {
    private let message: String
    private let arguments: [String]
    /// The innermost command that the arguments name, and its names from the outside in.
    private let command: any ParsableCommand.Type
    private let path: [String]

    init(_ message: String, _ arguments: [String]) {
        self.message = MistakenSecret.removed(arguments, from: message)
        self.arguments = arguments
        var command: any ParsableCommand.Type = Keyprov.self
        var path = ["keyprov"]
        for argument in arguments {
            guard let inner = command.subcommand(named: argument) else { break }
            command = inner
            path.append(argument)
        }
        self.command = command
        self.path = path
    }

    /// nil where all words that name a command do so. Asked for help, the parser passes over those that do not.
    static func inRequestForHelp(_ arguments: [String]) -> CommandFailure? {
        let names = Array(arguments.drop { $0 == helpCommand })
        let known = CommandLineMistake("", names)
        guard let word = names.dropFirst(known.path.count - 1).first, !word.hasPrefix("-") else { return nil }
        let takesOthers = names.count == arguments.count && known.command.configuration.subcommands.isEmpty
        return takesOthers ? nil : CommandLineMistake("Unexpected argument '\(word)'", names).failure
    }

    private static let helpCommand = "help"

    var failure: CommandFailure {
        let word = arguments.dropFirst(path.count - 1).first ?? ""
        let next = MistakenSecret.removed([word], from: word)
        let help = "see '\(path.joined(separator: " ")) --help'"
        guard !command.configuration.subcommands.isEmpty else {
            return .usage(sentence, hints: (meantValue.map { ["did you mean '\($0)'?"] } ?? []) + [help])
        }
        guard !next.hasPrefix("-") else {
            return .usage(sentence, hints: ["options stand after the name of the command", help])
        }
        guard let meant = Spelling.likeliest(of: command.configuration.subcommands.map { $0.name }, for: next) else {
            return .usage("there is no command '\(next)'", hints: [help])
        }
        return .usage("there is no command '\(next)'", hints: ["did you mean '\(meant)'?", help])
    }

    /// The parser's sentences as we write ours: lower case, no full stop, in one line.
    private var sentence: String {
        let text = lines.joined(separator: " ") + (values.isEmpty ? "" : " " + values.joined(separator: ", "))
        let sentences = text.split(separator: ". ")
        let line = sentences.map { $0.prefix(1).lowercased() + $0.dropFirst() }.joined(separator: "; ")
        return line.hasSuffix(".") ? String(line.dropLast()) : line
    }

    /// Where the parser lists the values of an option it gives each a line of its own.
    private static let listed = "  - "

    private var lines: [Substring] { message.split(separator: "\n").filter { !$0.hasPrefix(Self.listed) } }

    private var values: [String] {
        message.split(separator: "\n").filter { $0.hasPrefix(Self.listed) }
            .map { String($0.dropFirst(Self.listed.count)) }
    }

    /// The value that was meant instead of the one that the parser names first.
    private var meantValue: String? {
        let parts = message.split(separator: "'", maxSplits: 2)
        guard let typed = parts.dropFirst().first else { return nil }
        return Spelling.likeliest(of: values, for: String(typed))
    }
}

extension ParsableCommand {
    static var name: String { _commandName }

    static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { $0.name == name }
    }
}
