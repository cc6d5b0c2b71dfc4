import ByteBuffers
import KeyProvision
import Synchronization
import USBTransport

/// The foot of a terminal: a line for each key that is plugged in, and how far the batch is. What is said meanwhile goes above it.
final class LineScreen: LineAudience, ByteSink {
    private let terminal: any ByteSink
    private let now: @Sendable () -> UInt64
    private let size: @Sendable () -> TerminalSize?
    private let state: Mutex<State>

    /// Who has a key, or which it is, and what is done with it.
    private struct Row {
        var name: String?
        let text: String

        /// The name is cut before the text is: that tells when to pull the key out.
        func line(_ location: USBLocation, _ columns: Int) -> String {
            let head = "  usb:\(location)  "
            guard let name = name.map(TerminalText.safe) else { return head + text }
            let room = max(columns - head.count - ": ".count - text.count, LineScreen.shortestName)
            let whole = LineScreen.fitted(name, room)
            return head + (whole == name ? name : LineScreen.fitted(name, room - 2) + "…") + ": " + text
        }
    }

    private struct State {
        var rows: [USBLocation: Row] = [:]
        var counts = EntryCounts()
        /// How many were done when this run began, and when that was.
        var start: (done: Int, time: UInt64)?
        /// Lines that stand on the terminal now.
        var height = 0
        var hasEnded = false
    }

    /// - Parameter size: of the terminal; asked each time, as windows are drawn larger and smaller.
    init(
        _ terminal: any ByteSink, now: @escaping @Sendable () -> UInt64,
        size: @escaping @Sendable () -> TerminalSize?
    ) {
        self.terminal = terminal
        self.now = now
        self.size = size
        state = Mutex(State())
    }

    func write(_ bytes: RawSpan) throws(FileError) {
        let copy = WipedBuffer(capacity: bytes.byteCount)
        copy.append(contentsOf: bytes)
        try state.withLock { state throws(FileError) in
            try terminal.write(text: Self.erasing(&state))
            try terminal.write(copy)
            try terminal.write(text: foot(&state))
        }
    }

    func hear(_ event: LineEvent) {
        state.withLock { state in
            var bell = ""
            switch event {
            case .started(let counts):
                (state.counts, state.start) = (counts, (counts.done, now()))
            case .waiting: bell = Self.bell
            case .working(let key): state.rows[key.location] = Row(name: key.model, text: "reading")
            case .step(let key, let entry, let step):
                state.rows[key.location] = Row(name: entry.account, text: step.text)
            case .made(let key, let entry, _):
                state.rows[key.location] = Row(name: entry.account, text: "done, pull the key out")
                state.counts.move(to: .verified)
                bell = Self.bell
            case .refused(let key, _): state.rows[key.location] = Row(text: "another key, please")
            case .failed(let key, _, _):
                state.rows[key.location] = Row(text: "not done, see above")
                bell = Self.bell
            case .retrying(let key, _): state.rows[key.location] = Row(text: "cannot be opened yet, waiting")
            case .removed(let key): state.rows[key.location] = nil
            case .ended: state.hasEnded = true
            case .sheet, .notPrinted, .cleared: break
            }
            let text = Self.erasing(&state) + foot(&state) + bell
            // What cannot be shown is said in words, too.
            try? terminal.write(text: text)
        }
    }

    private static let bell = "\u{7}"
    /// A shorter bar tells nothing.
    private static let barWidths = 5...30
    /// Columns that tell one from another.
    private static let shortestName = 8
    /// Lines of the terminal that are left to what is said, and to the cursor. What goes over its edge can no longer be erased.
    private static let linesAbove = 5

    /// Takes the foot away.
    private static func erasing(_ state: inout State) -> String {
        defer { state.height = 0 }
        return state.height == 0 ? "" : "\u{1B}[\(state.height)A\r\u{1B}[J"
    }

    private func foot(_ state: inout State) -> String {
        guard !state.hasEnded else { return "" }
        let size = size() ?? .usual
        // A line that fills the last column has terminals begin another one.
        let columns = size.columns - 1
        let rows = state.rows.sorted { $0.key < $1.key }.map { $1.line($0, columns) }
        let lines = Self.fitted(rows, max(size.rows - Self.linesAbove - 1, 0)) + [bar(state, columns)]
        state.height = lines.count
        return lines.map { Self.fitted(TerminalText.safe($0), columns) + "\n" }.joined()
    }

    private func bar(_ state: State, _ columns: Int) -> String {
        let (done, total) = (state.counts.done, state.counts.total)
        let text = "\(done) of \(total)" + (timeLeft(state).map { ", \($0)" } ?? "")
        let width = min(columns - "  [] ".count - text.count, Self.barWidths.upperBound)
        guard width >= Self.barWidths.lowerBound else { return "  " + text }
        let filled = total == 0 ? 0 : width * done / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "  [\(bar)] \(text)"
    }

    /// By the pace of this run, from the third key on.
    private func timeLeft(_ state: State) -> String? {
        let now = now()
        guard let start = state.start, now > start.time, state.counts.done - start.done >= 3 else { return nil }
        let seconds =
            (now - start.time) * UInt64(state.counts.total - state.counts.done)
            / UInt64(state.counts.done - start.done)
        return seconds < 90 ? "about \(seconds) s left" : "about \((seconds + 30) / 60) min left"
    }

    /// As many as there is room for, the last of them telling how many are left out.
    private static func fitted(_ rows: [String], _ room: Int) -> [String] {
        guard rows.count > room else { return rows }
        guard room > 1 else { return [] }
        return rows.prefix(room - 1) + ["  and \(rows.count - room + 1) more"]
    }

    private static func fitted(_ line: String, _ columns: Int) -> String {
        var (fitted, width) = ("", 0)
        for character in line {
            // Two columns for all that may be wide is never too little.
            width += character.isASCII ? 1 : 2
            guard width <= columns else { break }
            fitted.append(character)
        }
        return fitted
    }
}

extension EntryCounts {
    /// One more in that state, one less of those that are open.
    fileprivate mutating func move(to state: EntryState) {
        byState[state, default: 0] += 1
        for open in [EntryState.planned, .failed] where byState[open, default: 0] > 0 {
            byState[open, default: 0] -= 1
            return
        }
    }
}
