/// How far long work came: one line that is redrawn on a terminal, a line for every tenth elsewhere.
final class ProgressLine {
    private let total: Int
    private let console: Console
    private var tenths = 0

    /// Shorter work is done before anyone looks.
    private static let worthTelling = 1_000

    init(total: Int, console: Console) {
        self.total = total
        self.console = console
    }

    func advance(to done: Int) {
        guard total >= Self.worthTelling, !console.options.quiet else { return }
        let world = World.current
        if world.terminal.speechIsTerminal {
            try? world.speech.write(text: "\r\(Console.prefix)\(done) of \(total)" + (done >= total ? "\n" : ""))
        } else if done * 10 / total > tenths {
            tenths = done * 10 / total
            console.note("\(done) of \(total)")
        }
    }
}
