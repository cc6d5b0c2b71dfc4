import ByteBuffers
import DirectoryExchange
import KeyProvision
import SecretFormats
import TestSupport
import Testing

/// What goes between `keyprov` and `keyprov-directory`.
@Suite struct DirectoryExchangeTests {
    private func request() -> DirectoryRequest {
        var request = DirectoryRequest(
            url: "ldaps://ldap.example.com:636", base: "ou=people,dc=example,dc=com", filter: "(&(uid=*)(ou=a=b))",
            attributes: [.init(column: "account", name: "uid"), .init(column: "name", name: "cn;lang-uk")],
            pageLength: 100)
        request.bindName = "cn=reader,dc=example"
        request.authorityFile = "authority.pem"
        request.identity = .init(certificateFile: "us=you.pem", keyFile: "us.key")
        request.startsTLS = false
        return request
    }

    @Test func `A request comes out of its arguments as it went in`() {
        #expect(DirectoryRequest(arguments: request().arguments) == request())
        var plain = request()
        (plain.bindName, plain.authorityFile, plain.startsTLS, plain.base) = (nil, nil, true, "")
        plain.identity = nil
        #expect(DirectoryRequest(arguments: plain.arguments) == plain)
    }

    @Test(arguments: [
        ["url=http://a", "filter=(a=b)", "attribute=a:b"], ["url=ldap://a", "filter=(a=b)"],
        ["url=ldap://a", "attribute=a:b"], ["url=ldap://a", "filter=(a=b)", "attribute=a"],
        ["url=ldap://a", "filter=(a=b)", "attribute=a:b", "page=0"],
        ["url=ldap://a", "filter=(a=b)", "attribute=a:b", "page=x"],
        ["url=ldap://a", "filter=(a=b)", "attribute=a:b", "tls=yes"],
        ["url=ldap://a", "filter=(a=b)", "attribute=a:b", "x"],
        ["url=ldap://a", "filter=(a=b)", "attribute=a:b", "password=b"],
        ["url=ldap://a", "filter=(a=b)", "attribute=a:b", "certificate=b"],
        ["url=ldap://a", "filter=(a=b)", "attribute=a:b", "key=b"], [],
        ["url=ldaps://a ldap://b", "filter=(a=b)", "attribute=a:b"],
    ])
    func `Other arguments are no request`(_ arguments: [String]) {
        #expect(DirectoryRequest(arguments: arguments) == nil)
    }

    @Test func `The scheme says how a connection is kept from others`() {
        for (url, isLocal, isEncrypted) in [
            ("ldap://a", false, false), ("LDAPS://a", false, true), ("ldapi://%2Frun%2Fldapi", true, false),
        ] {
            let request = DirectoryRequest(url: url, base: "", filter: "(a=b)", attributes: [])
            #expect((request.isLocal, request.isEncrypted) == (isLocal, isEncrypted), "\(url)")
        }
        #expect(!DirectoryRequest.canOpen("ldaps"))
    }

    @Test(arguments: [" ", ",", ", ", "\t", "\n", "\u{7F}", "\u{A0}"])
    func `Several URLs are none, as only the first one would say whether the password goes in clear`(_ gap: String) {
        #expect(!DirectoryRequest.canOpen("ldaps://ldap.example.com\(gap)ldap://ldap.example.com"))
        #expect(DirectoryRequest.canOpen("ldaps://[2001:db8::1]:636"))
        #expect(DirectoryRequest.canOpen("ldapi://%2Frun%2Fa%2Cb%20c"))
    }

    private static let outcomes = [
        DirectoryOutcome.done(entries: 100_000, references: 3),
        .failed(DirectoryFailure(.binding, .invalidCredentials, "who? \u{1B}[31m\tno\nentry")),
        .failed(DirectoryFailure(.connecting, .serverDown)),
    ]

    @Test(arguments: outcomes)
    func `An outcome comes out of its line as it went in, and of no part of it`(_ outcome: DirectoryOutcome) {
        let line = outcome.line
        #expect(DirectoryOutcome(line: line) == outcome)
        #expect(line.split(separator: "\n").count == 1)
        for count in 0..<line.count { #expect(DirectoryOutcome(line: line.prefix(count)) == nil, "\(count)") }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<1_000 {
            let damaged = String(decoding: mutated(Array(line.utf8), using: &generator), as: UTF8.self)
            if let read = DirectoryOutcome(line: damaged) { #expect(!read.line.isEmpty) }
        }
    }

    @Test func `What a server says is cut, and has one line`() {
        let failure = DirectoryFailure(.searching, .busy, String(repeating: "a\r\n", count: 1_000))
        #expect(failure.text.count == 300)
        #expect(failure.text.unicodeScalars.allSatisfy { $0 != "\n" && $0 != "\r" })
    }

    private func reading(_ rows: [DirectoryRow]) -> RosterReading {
        let lines = WipedBuffer()
        for row in rows { lines.append(contentsOf: row.line()) }
        return RosterReading(lines.withBytes { [UInt8](copying: $0) })
    }

    @Test func `A row is read as the roster entry that it is`() {
        var row = DirectoryRow()
        row.add("account", [Array("o\"brien\\".utf8)])
        row.add("name", [Array("王曉明".utf8), Array("other".utf8)])
        row.add("name", [Array("too late".utf8)])
        row.add("email", [])
        row.add("email", [[], Array("a@b".utf8)])
        var bare = DirectoryRow()
        bare.add("account", [Array("bob".utf8)])
        let reading = reading([row, bare])
        #expect(reading.problems == [])
        #expect(
            reading.entries == [
                RosterEntry(account: "o\"brien\\", owner: "王曉明", email: "a@b"), RosterEntry(account: "bob"),
            ])
    }

    @Test func `What is no text, or not one account, gets no further than the reader`() {
        var control = DirectoryRow()
        control.add("account", [[0x61, 0x00, 0x0A]])
        var binary = DirectoryRow()
        binary.add("account", [[0xFF, 0xD8]])
        var several = DirectoryRow()
        several.add("account", [[0x61], [0x62]])
        let reading = reading([control, binary, several, DirectoryRow()])
        #expect(reading.entries.isEmpty)
        #expect(
            reading.kinds == [.controlCharacter(position: 2), .notText, .otherKind, .missing])
    }

    @Test func `Any bytes make a line of JSON`() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            var row = DirectoryRow()
            let value = (0..<20).map { _ in UInt8.random(in: 1...255, using: &generator) }
            row.add("account", [value])
            let reading = reading([row])
            #expect(reading.entries.count + reading.problems.count == 1)
            if let text = String(validating: value, as: UTF8.self), let entry = reading.entries.first {
                #expect(entry.account == text)
            }
        }
    }
}
