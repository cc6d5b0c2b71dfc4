/// How far long work came: one line that is redrawn on a terminal, a line for every tenth elsewhere.
final class ProgressLine {
    enum Unit {
        case records, bytes

        /// Shorter work is done before anyone looks.
        fileprivate var worthTelling: Int {
            switch self {
            case .records: 1_000
            case .bytes: 16 << 20
            }
        }
    }

    private let total: Int
    private let unit: Unit
    private let console: Console
    private var tenths = 0

    init(total: Int, unit: Unit = .records, console: Console) {
        self.total = total
        self.unit = unit
        self.console = console
    }

    func advance(to done: Int) {
        guard total >= unit.worthTelling, !console.options.quiet else { return }
        let world = World.current
        if world.terminal.speechIsTerminal {
            try? world.speech.write(text: "\r\(Console.prefix)\(text(done))" + (done >= total ? "\n" : ""))
        } else if done * 10 / total > tenths {
            tenths = done * 10 / total
            console.note(text(done))
        }
    }

    private func text(_ done: Int) -> String {
        switch unit {
        case .records: "\(done) of \(total)"
        case .bytes: "\(done >> 20) of \(total >> 20) MiB"
        }
    }
}
