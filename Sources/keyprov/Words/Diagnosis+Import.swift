extension Diagnosis {
    init(_ failure: ImportFailure) {
        switch failure {
        case .secretOnCommandLine:
            self.init(
                .usage, "a secret stands on the command line, where other users of the machine can read it",
                hints: ["give it on the standard input: 'keyprov import -', or let 'keyprov import' ask for it"])
        case .noScreen:
            self.init(.failed, "there is no screen: neither WAYLAND_DISPLAY nor DISPLAY is set")
        case .noScreenProgram(let isWayland):
            self.init(
                .failed, "no program that takes a picture of the screen is installed",
                hints: [
                    isWayland
                        ? "install grim, or gnome-screenshot on GNOME and spectacle on Plasma" : "install maim",
                    "or save a screenshot to a file and name that",
                ])
        case .noClipboardProgram:
            self.init(
                .failed, "no program that reads the clipboard is installed",
                hints: ["install wl-clipboard for Wayland, xclip for X11"])
        case .emptyClipboard: self.init(.badInput, "the clipboard holds neither text nor a picture")
        case .noScreenshot(let program):
            self.init(.failed, "'\(program)' gave no picture of the screen")
        case .nothingUsable(let name, let count):
            self.init(
                .badInput,
                count == 1
                    ? "'\(name)' holds no credential for one-time passwords: the code says something else"
                    : "'\(name)' holds no credential for one-time passwords")
        case .noInput:
            self.init(.usage, "there is nothing to import", hints: ["name a file, or '-' for the standard input"])
        case .noName:
            self.init(
                .usage, "a bare secret does not say whose it is",
                hints: ["say it with --account NAME, and --issuer for the service"])
        case .unknownFormat(let name):
            self.init(
                .badInput, "'\(name)' is in no format that is known",
                hints: ["name one with --format; 'keyprov convert --list-formats' lists them"])
        case .ambiguousFormat(let name, let candidates):
            self.init(
                .usage, "'\(name)' may be one of \(candidates.joined(separator: ", "))",
                hints: ["say which with --format"])
        case .notJoinable(let name):
            self.init(
                .usage, "'\(name)' cannot be put together with other files: it holds no URIs",
                hints: ["convert it by itself"])
        case .several(let names):
            self.init(
                .usage, "\(names.count) credentials were found: \(names.joined(separator: ", "))",
                hints: ["choose one with --select 'ISSUER:ACCOUNT'; * and ? stand for what you leave out"])
        case .noneSelected(let pattern, let found):
            self.init(.usage, "nothing fits '\(pattern)'", hints: ["found: \(found.joined(separator: ", "))"])
        case .severalSelected(let pattern, let names):
            self.init(
                .usage, "'\(pattern)' fits \(names.count) credentials: \(names.joined(separator: ", "))",
                hints: ["say more with --select"])
        case .noSuchNumber(let count): self.init(.usage, "that is no number from 1 to \(count)")
        case .contradictoryIssuers(let label, let parameter):
            self.init(
                .badInput, "the URI names two issuers: '\(label)' in its label, '\(parameter)' in its parameter",
                hints: ["say with --issuer which it is"])
        case .saidAlready(let option):
            self.init(
                .usage, "\(option) belongs to a bare secret; what was found says it itself",
                hints: ["the server made it that way, and checks codes that way"])
        case .countedSpare:
            self.init(.usage, "--spare: a counter-based credential can be on one key only, as two would count apart")
        case .formWithoutSecret(let name, let title):
            self.init(
                .usage, "--profile: \(title) is to be given the secret, and nothing was asked to show it",
                hints: [
                    "add --also text, or --also qr for a code to scan", "'keyprov profiles \(name)' tells the steps",
                ])
        case .sameKey:
            self.init(.failed, "the second key is the first one", hints: ["plug in another, or leave --spare out"])
        case .virtualSpare:
            self.init(.usage, "--spare beside a virtual key needs --spare-virtual, which names another one")
        }
    }
}
