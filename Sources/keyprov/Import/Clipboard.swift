import Glibc
import SecretFormats

/// What was copied: text, or else a picture.
enum Clipboard {
    static let name = "clipboard"
    private static let byteLimit = 64 << 20
    private static let seconds = 10
    private static let emptyInput = Secret(copying: RawSpan())

    /// Each program with its ways to give text, then a picture.
    private static let wayland = [
        ["wl-paste", "--no-newline", "--type", "text"], ["wl-paste", "--type", "image/png"],
    ]
    private static let x11 = [
        ["xclip", "-selection", "clipboard", "-out"],
        ["xclip", "-selection", "clipboard", "-target", "image/png", "-out"],
        ["xsel", "--clipboard", "--output"],
    ]

    static func take() throws(ImportFailure) -> Secret {
        let world = World.current
        let isWayland = world.environment("WAYLAND_DISPLAY", isEmpty: false) != nil
        guard isWayland || world.environment("DISPLAY", isEmpty: false) != nil else { throw .noScreen }
        let terms = ProgramTerms(outputLimit: byteLimit, seconds: seconds)
        var isInstalled = false
        for command in isWayland ? wayland + x11 : x11 {
            guard let answer = world.exchange(command, emptyInput, terms) else { continue }
            isInstalled = true
            if answer.exitCode == EXIT_SUCCESS, answer.output.count > 0 { return answer.output }
        }
        throw isInstalled ? .emptyClipboard : .noClipboardProgram
    }
}
