import Glibc
import SecretFormats

/// A picture of the whole screen, by the programs that people have for it: the system's own way differs by desktop.
enum ScreenCapture {
    static let name = "screen"
    private static let byteLimit = 64 << 20
    /// Some ask the person what to take.
    private static let seconds = 60
    private static let emptyInput = Secret(copying: RawSpan())

    private struct Tool {
        let command: [String]
        /// Whether the picture goes to a file, whose name is the last argument, instead of the standard output.
        var writesFile = false
    }

    private static let wayland = [
        Tool(command: ["grim", "-"]), Tool(command: ["gnome-screenshot", "--file"], writesFile: true),
        Tool(command: ["spectacle", "--background", "--nonotify", "--fullscreen", "--output"], writesFile: true),
    ]
    private static let x11 = [
        Tool(command: ["maim"]), Tool(command: ["import", "-silent", "-window", "root", "png:-"]),
        Tool(command: ["scrot", "-"]), Tool(command: ["gnome-screenshot", "--file"], writesFile: true),
        Tool(command: ["spectacle", "--background", "--nonotify", "--fullscreen", "--output"], writesFile: true),
    ]

    /// Takes it with the first program that is installed.
    static func take() throws -> Secret {
        let world = World.current
        let isWayland = world.environment("WAYLAND_DISPLAY", isEmpty: false) != nil
        guard isWayland || world.environment("DISPLAY", isEmpty: false) != nil else { throw ImportFailure.noScreen }
        for tool in isWayland ? wayland : x11 {
            guard let answer = try tool.writesFile ? takeFile(tool) : run(tool.command) else { continue }
            guard answer.exitCode == EXIT_SUCCESS, answer.output.count > 0 else {
                throw ImportFailure.noScreenshot(program: tool.command.first ?? "")
            }
            return answer.output
        }
        throw ImportFailure.noScreenProgram(isWayland: isWayland)
    }

    private static func run(_ command: [String]) -> ProgramAnswer? {
        World.current.exchange(command, emptyInput, ProgramTerms(outputLimit: byteLimit, seconds: seconds))
    }

    /// The file is in the user's runtime folder: memory that nobody else can read and that goes with the log-in.
    private static func takeFile(_ tool: Tool) throws -> ProgramAnswer? {
        guard let folder = World.current.environment("XDG_RUNTIME_DIR", isEmpty: false) else { return nil }
        let path = "\(folder)/keyprov.\(getpid()).\(UInt32.random(in: 0...UInt32.max)).png"
        defer { try? Files.remove(path) }
        guard let answer = run(tool.command + [path]) else { return nil }
        guard answer.exitCode == EXIT_SUCCESS, Files.exists(path) else { return answer }
        return ProgramAnswer(exitCode: EXIT_SUCCESS, output: try Files.read(path, limit: byteLimit), isLate: false)
    }
}
