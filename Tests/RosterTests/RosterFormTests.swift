import ByteBuffers
import KeyProvision
import TestSupport
import Testing

/// The same people in every form that a roster may have.
@Suite struct RosterFormTests {
    static let forms = [
        SampleRoster.table(","), SampleRoster.table(";"), SampleRoster.table("\t"),
        SampleRoster.table(",", lineEnd: "\r\n"), String(SampleRoster.table(",").dropLast()),
        "\u{FEFF}" + SampleRoster.table(";"), "\n\n" + SampleRoster.table(",") + "\n\n,,,,,,,,\n",
        SampleRoster.list, SampleRoster.lines, "\u{FEFF}" + SampleRoster.list, "\r\n\r\n" + SampleRoster.lines,
        "\u{FEFF}\n [\n" + SampleRoster.objects.joined(separator: "\n,\n") + "\n]",
        SampleRoster.objects.map { $0.replacing(",\"", with: ",\n  \"") }.joined(separator: "\n"),
    ]

    @Test(arguments: forms)
    func `Every form has the same entries`(_ form: String) {
        let reading = RosterReading(form)
        #expect(reading.problems == [])
        #expect(reading.entries == SampleRoster.entries)
    }

    @Test(arguments: forms, [2, 61])
    func `However the bytes arrive, the entries are the same`(_ form: String, _ length: Int) {
        #expect(RosterReading(Array(form.utf8), blocks: length).entries == SampleRoster.entries)
    }

    @Test func `Columns stand in any order and have the names that people give them`() {
        for (name, column) in [
            ("E-Mail", RosterColumn.email), ("e mail", .email), ("EMAIL_ADDRESS", .email), ("mail", .email),
            ("Serial No.", .serial), ("serialNumber", .serial), ("sAMAccountName", .account), ("User", .account),
            ("displayName", .name), ("OU", .department), ("Qty.", .quantity), ("copy", .copy),
        ] {
            #expect(RosterColumn(named: name) == column, "\(name)")
        }
        for name in ["", " ", "sn", "password", "accounts", "ac\u{441}ount"] {
            #expect(RosterColumn(named: name) == nil, "\(name)")
        }
        let columns = RosterColumn.allCases.flatMap(\.names)
        #expect(Set(columns).count == columns.count, "a name stands for two columns")
        #expect(
            RosterColumn.allCases.allSatisfy {
                $0.names.contains($0.rawValue) && RosterColumn(named: $0.rawValue) == $0
            })
    }

    @Test func `A table of one column is a list of accounts`() {
        #expect(RosterReading("user\nalice\nbob").entries.map(\.account) == ["alice", "bob"])
    }

    @Test func `Cells between tabs may be empty at both ends of a row`() {
        let reading = RosterReading("name\taccount\tslot\n\talice\t\nBob\tbob\t1\n")
        #expect(reading.problems == [])
        #expect(reading.entries == [RosterEntry(account: "alice"), RosterEntry(account: "bob", owner: "Bob", slot: 1)])
    }

    @Test func `A quantity makes as many entries, which differ in their copy`() {
        let entries = RosterReading("account,quantity\nalice,100\nbob,1\n").entries
        #expect(entries.map(\.copy) == Array(1...100) + [1])
        #expect(Set(entries.prefix(100).map(\.account)) == ["alice"])
    }

    @Test func `Two keys of one person are two rows with their copies`() {
        let entries = RosterReading("account,copy,serial\nalice,1,111\nalice,2,222\n").entries
        #expect(entries.map(\.copy) == [1, 2])
        #expect(entries.map(\.serial) == ["111", "222"])
    }

    @Test func `Places are lines of the file and numbers of the rows`() throws {
        var reader = RosterReader(
            SmallBlocks(Array("account,name\n\nalice,\"A\"\nbob,B\n\n".utf8), 5))
        _ = try reader.next()
        #expect(reader.place == RosterPlace(line: 3, row: 1))
        _ = try reader.next()
        #expect(reader.place == RosterPlace(line: 4, row: 2))
        var objects = RosterReader(SmallBlocks(Array("[{\"account\":\n\"a\"},\n\n {\"account\":\"b\"}]".utf8), 5))
        _ = try objects.next()
        #expect(objects.place == RosterPlace(line: 1, row: 1))
        _ = try objects.next()
        #expect(objects.place == RosterPlace(line: 4, row: 2))
        #expect(try objects.next() == nil)
    }
}
