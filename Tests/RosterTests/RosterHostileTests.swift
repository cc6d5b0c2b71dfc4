import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@testable import KeyProvision

/// Rosters that are cut off, damaged, or made to take memory.
@Suite struct RosterHostileTests {
    private static let forms = [
        SampleRoster.table(","), SampleRoster.table("\t"), SampleRoster.list, SampleRoster.lines,
    ]

    @Test(arguments: forms)
    func `A roster that is cut off anywhere gives entries of the whole one, or an error`(_ form: String) {
        let bytes = Array(form.utf8)
        for count in 0..<bytes.count {
            let reading = RosterReading(bytes.prefix(count))
            // The last one may have lost the end of its last cell, or its quantity.
            let kept = reading.entries.dropLast()
            #expect(kept.elementsEqual(SampleRoster.entries.prefix(kept.count)), "\(count) bytes")
            #expect(!reading.entries.isEmpty || !reading.problems.isEmpty, "\(count) bytes")
        }
    }

    @Test func `A list that is cut off is always an error`() {
        let bytes = Array(SampleRoster.list.dropLast().utf8)
        for count in 0..<bytes.count { #expect(!RosterReading(bytes.prefix(count)).problems.isEmpty, "\(count) bytes") }
    }

    @Test(arguments: forms)
    func `A damaged roster ends, in entries and errors`(_ form: String) {
        var generator = SeededGenerator(seed: 7)
        let bytes = Array(form.utf8)
        for _ in 0..<1_500 {
            let damaged = mutated(bytes, using: &generator)
            let whole = RosterReading(damaged)
            #expect(whole.problems.count < 100)
            #expect(whole.entries.allSatisfy { !$0.account.isEmpty && 1...200 ~= $0.copy })
            #expect(RosterReading(damaged, blocks: 5) == whole)
        }
    }

    @Test(arguments: ["account,name\na,", "account,name\na,\"", "", "{\"account\":\"", "[{\"account\":\"", "[", "[{"])
    func `A cell of ten megabytes is refused before it is held`(_ start: String) {
        let source = MadeRows(start, count: 10_000) { _ in String(repeating: "x", count: 1024) }
        var reader = RosterReader(source)
        #expect(throws: RosterError.self) { try reader.next() }
        while let entry = try? reader.next() { #expect(entry.account != "") }
        #expect(source.given < 1 << 18, "\(source.given) bytes were read")
        #expect(reader.isAtEnd)
    }

    @Test func `Brackets within brackets take no stack`() {
        let deep = String(repeating: "[", count: 30_000)
        #expect(RosterReading("{\"account\":" + deep).kinds == [.malformed(.notJSON)])
        let closed = deep + String(repeating: "]", count: 30_000)
        #expect(RosterReading("{\"account\":\(closed)}").kinds == [.malformed(.tooDeep)])
        #expect(RosterReading(deep + deep).kinds == [.malformed(.notJSON)])
    }

    @Test func `NUL bytes are no end of anything`() {
        #expect(RosterReading("account\nalice\n\u{0}\n").kinds == [.controlCharacter(position: 1)])
        #expect(RosterReading("\u{0}").problems.count == 2)
        #expect(RosterReading("{\"account\":\"a\"}\n\u{0}").kinds == [.malformed(.notJSON)])
    }

    @Test(arguments: ["account,name,slot\n", ""])
    func `A hundred thousand rows are read in the memory of a few`(_ header: String) throws {
        let count = 100_000
        let source = MadeRows(header, count: count) { number in
            header.isEmpty
                ? #"{"account":"user\#(number)","name":"Ім’я \#(number)","slot":1}"# + "\n"
                : "user\(number),Ім’я \(number),1\n"
        }
        var reader = RosterReader(source)
        var (found, most) = (0, 0)
        while let entry = try reader.next() {
            found += 1
            #expect(entry.account == "user\(found)")
            most = max(most, reader.heldByteCount)
        }
        #expect(found == count)
        #expect(source.given > 2_000_000)
        // A block of the source, and what of a row was left over from the one before.
        #expect(most < 1 << 15, "\(most) bytes were held")
    }
}
