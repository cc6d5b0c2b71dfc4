import KeyProvision
import TestSupport
import Testing

@Suite struct EventDetailValuesTests {
    private static let account = "back\\slash, line\nbreak, tab\t, escape \u{1B}[0m, =, é 🔑, \\n, \\x41"

    @Test func `What a detail says is what was put into it`() {
        let entry = RosterEntry(account: Self.account, copy: 2, owner: "a=b", slot: 3)
        let values = EventDetail.values(in: EventDetail.planned(entry).text)
        #expect(values.map(\.name) == ["account", "copy", "owner", "slot"])
        #expect(values.map(\.value) == [Self.account, "2", "a=b", "3"])
        for (name, value) in values {
            #expect(EventDetail.plainValue(of: name, in: EventDetail.planned(entry).text) == value)
        }
    }

    @Test func `Any text is read to its end`() {
        let text = EventDetail.planned(RosterEntry(account: Self.account, owner: "x")).text
        for length in 0...text.count { _ = EventDetail.values(in: String(text.prefix(length))) }
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var bytes = Array(text.utf8)
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let values = EventDetail.values(in: String(decoding: bytes, as: UTF8.self))
            #expect(values.count <= bytes.count)
        }
    }

    @Test(arguments: ["no name", "\\", "a=\\", "a=\\x", "a=\\xZZ", "a=\\x1", "\n\n"])
    func `What nobody has written is shown as it is`(_ text: String) {
        let values = EventDetail.values(in: text)
        #expect(values.count == (text == "\n\n" ? 0 : 1))
        #expect(values.allSatisfy { text.hasSuffix($0.value) || text.contains($0.value) })
    }
}
