import Foundation
import KeyProvision
import Synchronization
import Testing
import USBTransport

@testable import keyprov

/// The foot of the terminal, as a terminal shows it.
@Suite struct LineScreenTests {
    private let recorder = Recorder()
    private let window = Window()
    private let screen: LineScreen

    init() {
        let (recorder, clock, window) = (recorder, TestClock(), window)
        screen = LineScreen(recorder, now: { clock.next() }, size: { window.size })
    }

    /// What stands on a terminal after all that was written: the only commands are to go up by lines and to clear what is below.
    private func lines() throws -> [String] {
        var lines: [Substring] = []
        let text = String(decoding: recorder.bytes, as: UTF8.self).replacingOccurrences(of: "\u{7}", with: "")
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = line
            while let match = line.prefixMatch(of: /\x{1B}\[([0-9]+)A\r\x{1B}\[J/) {
                lines.removeLast(try #require(Int(match.output.1)))
                line = line[match.range.upperBound...]
            }
            lines.append(line)
        }
        return lines.dropLast().map(String.init)
    }

    private func key(_ port: UInt8) -> AttachedDevice {
        AttachedDevice(model: "YubiKey 5 NFC", location: USBLocation(bus: 1, ports: [port]), address: port)
    }

    private func say(_ text: String) throws { try screen.write(text: text + "\n") }

    @Test func `What is said stays above one foot with a line for each key`() throws {
        screen.hear(.started(EntryCounts(byState: [.planned: 4])))
        try say("first")
        screen.hear(.working(key(2)))
        screen.hear(.working(key(1)))
        try say("second")
        screen.hear(.step(key(1), RosterEntry(account: "alice"), .writing))
        #expect(
            try lines() == [
                "first", "second", "  usb:1-1  alice: writing the credential", "  usb:1-2  YubiKey 5 NFC: reading",
                "  [..............................] 0 of 4",
            ])
        screen.hear(.made(key(1), RosterEntry(account: "alice"), .full))
        screen.hear(.removed(key(2)))
        #expect(
            try lines() == [
                "first", "second", "  usb:1-1  alice: done, pull the key out",
                "  [#######.......................] 1 of 4",
            ])
        screen.hear(.ended(EntryCounts(byState: [.verified: 1, .planned: 3])))
        try say("last")
        #expect(try lines() == ["first", "second", "last"])
    }

    @Test func `From the third key on it says how long it will take`() throws {
        screen.hear(.started(EntryCounts(byState: [.planned: 9])))
        for _ in 0..<3 { screen.hear(.made(key(1), RosterEntry(account: "a"), .full)) }
        #expect(try lines().last == "  [##########....................] 3 of 9, about 80 s left")
    }

    @Test func `On a small window it shows what fits, and follows when that changes`() throws {
        window.size = TerminalSize(columns: 50, rows: 10)
        screen.hear(.started(EntryCounts(byState: [.planned: 100])))
        let account = "a.name.of.some.length@mail.example.com"
        for port in UInt8(1)...16 { screen.hear(.step(key(port), RosterEntry(account: account), .writing)) }
        try say("first")
        let shown = (1...3).map { "  usb:1-\($0)  a.name.of.so…: writing the credential" }
        let dots = String(repeating: ".", count: 30)
        #expect(try lines() == ["first"] + shown + ["  and 13 more", "  [\(dots)] 0 of 100"])
        window.size = TerminalSize(columns: 20, rows: 7)
        try say("second")
        #expect(try lines() == ["first", "second", "  [......] 0 of 100"])
        window.size = TerminalSize(columns: 8, rows: 2)
        try say("third")
        #expect(try lines() == ["first", "second", "third", "  0 of "])
        window.size = TerminalSize(columns: 100, rows: 50)
        try say("fourth")
        #expect(try lines().count == 4 + 16 + 1)
    }

    @Test func `No name breaks a line or reaches the terminal with a command in it`() throws {
        screen.hear(.started(EntryCounts(byState: [.planned: 1])))
        for name in [
            String(repeating: "w", count: 500), String(repeating: "山", count: 100), "a\u{1B}[2J\nb\rc\u{202E}d",
        ] {
            screen.hear(.step(key(1), RosterEntry(account: name), .proving))
            let lines = try lines()
            #expect(lines.count == 2)
            let width = lines[0].reduce(0) { $0 + ($1.isASCII ? 1 : 2) }
            #expect(width <= 79)
            #expect(!lines[0].unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }
}

/// A window of a terminal that is drawn larger and smaller.
private final class Window: Sendable {
    private let state = Mutex<TerminalSize?>(nil)

    var size: TerminalSize? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Ten seconds pass between two looks.
private final class TestClock: Sendable {
    private let time = Mutex<UInt64>(1_000)

    func next() -> UInt64 {
        time.withLock { time in
            time += 10
            return time
        }
    }
}
