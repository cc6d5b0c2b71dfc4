import KeyProvision
import SecretFormats
import Testing

/// Each rule of a roster, broken once.
@Suite struct RosterRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let errors: [RosterError]
        var testDescription: String { text.prefix(60).debugDescription }

        init(_ text: String, _ errors: RosterError...) { (self.text, self.errors) = (text, errors) }
    }

    private static func at(_ line: Int, _ row: Int?) -> RosterPlace { RosterPlace(line: line, row: row) }
    private static let header = at(1, nil)
    private static let tooLong = String(repeating: "x", count: 257)

    static let tables = [
        Case("", RosterError(.empty)),
        Case(" \n\n", RosterError(.empty)),
        Case("\u{FEFF}", RosterError(.empty)),
        Case("account\n", RosterError(.empty)),
        Case("account,name\n,\n", RosterError(.empty)),
        Case(
            "name,colour,e-mail\nA,red,a@b\n", RosterError(.unknownColumn(number: 2, perhaps: nil), at: header),
            RosterError(.missing, .account, at: header)),
        Case("account,\nalice,x\n", RosterError(.namelessColumn(number: 2), at: header)),
        Case(
            "Acount,Full-nmae\na,b\n", RosterError(.unknownColumn(number: 1, perhaps: "account"), at: header),
            RosterError(.unknownColumn(number: 2, perhaps: "fullname"), at: header),
            RosterError(.missing, .account, at: header)),
        Case("account,user\na,b\n", RosterError(.duplicateColumn, .account, at: header)),
        Case("account,Mail,E-Mail\n", RosterError(.duplicateColumn, .email, at: header)),
        Case(
            "alice\nbob\n", RosterError(.unknownColumn(number: 1, perhaps: nil), at: header),
            RosterError(.missing, .account, at: header)),
        Case("account,name\nalice\n", RosterError(.cellCount(1, expected: 2), at: at(2, 1))),
        Case("account,name\nalice,A,\n", RosterError(.cellCount(3, expected: 2), at: at(2, 1))),
        Case("account,name\n,Alice\n", RosterError(.missing, .account, at: at(2, 1))),
        Case("account,slot\na,two\n", RosterError(.notANumber, .slot, at: at(2, 1), account: "a")),
        Case("account,slot\na,-1\n", RosterError(.notANumber, .slot, at: at(2, 1), account: "a")),
        Case("account,slot\na,+1\n", RosterError(.notANumber, .slot, at: at(2, 1), account: "a")),
        Case("account,slot\na,256\n", RosterError(.outOfRange(0...255), .slot, at: at(2, 1), account: "a")),
        Case("account,slot\na,123456789\n", RosterError(.tooLong(limit: 8), .slot, at: at(2, 1), account: "a")),
        Case("account,quantity\na,0\n", RosterError(.outOfRange(1...100), .quantity, at: at(2, 1), account: "a")),
        Case("account,quantity\na,101\n", RosterError(.outOfRange(1...100), .quantity, at: at(2, 1), account: "a")),
        Case("account,copy\na,0\n", RosterError(.outOfRange(1...100), .copy, at: at(2, 1), account: "a")),
        Case(
            "account,quantity,serial\na,2,77\n",
            RosterError(.excluded(by: .serial), .quantity, at: at(2, 1), account: "a")),
        Case(
            "account,quantity,copy\na,2,1\n", RosterError(.excluded(by: .copy), .quantity, at: at(2, 1), account: "a")),
        Case(
            "account,name\na,\"A\nB\"\n", RosterError(.controlCharacter(position: 2), .name, at: at(2, 1), account: "a")
        ),
        Case(
            "account,name\na,A\u{0}B\n", RosterError(.controlCharacter(position: 2), .name, at: at(2, 1), account: "a")),
        Case(
            "account,name\na,\u{2028}\n", RosterError(.controlCharacter(position: 1), .name, at: at(2, 1), account: "a")
        ),
        Case("account\na\u{1B}[31m\n", RosterError(.controlCharacter(position: 2), .account, at: at(2, 1))),
        Case("account,name\na,\(tooLong)\n", RosterError(.tooLong(limit: 256), .name, at: at(2, 1), account: "a")),
        Case("account\n\(tooLong)\n", RosterError(.tooLong(limit: 256), .account, at: at(2, 1))),
        Case("account,name\na,A\"B\"\n", RosterError(.malformed(.quotedField), at: at(2, 1))),
        Case("account,name\na,\"A\"B\nb,\"\"\n", RosterError(.malformed(.afterQuote), at: at(2, 1))),
        Case("account,name\n\na,\"A\nb,B\n", RosterError(.malformed(.openQuote), at: at(3, 1))),
        Case("\"account,name\na,A\n", RosterError(.malformed(.openQuote), at: at(1, nil))),
    ]

    static let objects = [
        Case("[]", RosterError(.empty)),
        Case("[ ]\n", RosterError(.empty)),
        Case("[{}]", RosterError(.missing, .account, at: at(1, 1))),
        Case(#"{"account":""}"#, RosterError(.missing, .account, at: at(1, 1))),
        Case(#"{"account":"a","color":"red"}"#, RosterError(.unknownMember(number: 2, perhaps: nil), at: at(1, 1))),
        Case(
            #"{"account":"a","quanity":2}"#, RosterError(.unknownMember(number: 2, perhaps: "quantity"), at: at(1, 1))),
        Case(#"{"account":"a","user":"b"}"#, RosterError(.duplicateColumn, .account, at: at(1, 1))),
        Case(#"{"account":"a","user":null}"#, RosterError(.duplicateColumn, .account, at: at(1, 1))),
        Case(#"{"account":"a","account":"a"}"#, RosterError(.malformed(.givenTwice), at: at(1, 1))),
        Case(#"{"account":17}"#, RosterError(.otherKind, .account, at: at(1, 1))),
        Case(#"{"account":["a","b"]}"#, RosterError(.otherKind, .account, at: at(1, 1))),
        Case(#"{"account":"a","slot":true}"#, RosterError(.otherKind, .slot, at: at(1, 1))),
        Case(#"{"account":"a","slot":1.5}"#, RosterError(.notANumber, .slot, at: at(1, 1), account: "a")),
        Case(#"{"account":"a","slot":1e1}"#, RosterError(.notANumber, .slot, at: at(1, 1), account: "a")),
        Case(
            #"{"account":"a","name":"\u0000"}"#,
            RosterError(.controlCharacter(position: 1), .name, at: at(1, 1), account: "a")),
        Case("{\"account\":\"a\"} {\"account\":\"b\"}", RosterError(.malformed(.notJSON), at: at(1, nil))),
        Case("{\"account\":\"a\"},\n{\"account\":\"b\"}", RosterError(.malformed(.notJSON), at: at(1, nil))),
        Case(#"[{"account":"a"} {"account":"b"}]"#, RosterError(.malformed(.notJSON), at: at(1, nil))),
        Case(#"[{"account":"a"},]"#, RosterError(.malformed(.notJSON), at: at(1, nil))),
        Case("[{\"account\":\"a\"}]\n[]", RosterError(.malformed(.notJSON), at: at(2, nil))),
        Case("[{\"account\":\"a\"}\n", RosterError(.malformed(.notJSON), at: at(2, nil))),
        Case("[\"a\"]", RosterError(.malformed(.notJSON), at: at(1, nil))),
        Case("{\"entries\":[]}", RosterError(.unknownMember(number: 1, perhaps: nil), at: at(1, 1))),
        Case("{\"account\":\"a\"", RosterError(.malformed(.notJSON), at: at(1, nil))),
        Case("{\"account\":\"a]}\"\n", RosterError(.malformed(.notJSON), at: at(2, nil))),
        Case("{\"account\":\n\"a\",}\n{\"account\":\"b\"}", RosterError(.malformed(.notJSON), at: at(2, 1))),
    ]

    @Test(arguments: tables + objects)
    func `A broken rule is told with its place`(_ test: Case) {
        #expect(RosterReading(test.text).problems == test.errors)
    }

    @Test func `All that is wrong with a row is told, and the rows behind it are read`() {
        let reading = RosterReading("account,slot,quantity\n,x,0\nbob,1,1\ncarol,y,1\ndave,,\n")
        #expect(reading.kinds == [.notANumber, .outOfRange(1...100), .missing, .notANumber])
        #expect(reading.problems.map(\.place?.line) == [2, 2, 2, 4])
        #expect(reading.entries.map(\.account) == ["bob", "dave"])
        let objects = RosterReading("{\"account\":1}\n{\"account\":\"bob\"}\n{\"x\":1,\"y\":2}\n{\"account\":\"dave\"}")
        #expect(objects.entries.map(\.account) == ["bob", "dave"])
        #expect(objects.problems.count == 3)
    }

    @Test(arguments: [
        "GEZDGNBV\n", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n", "otpauth://totp/a?secret=GEZDGNBV\n",
        "\"GEZDGNBV\" RATE_LIMIT 3 30\n", #"{"GEZDGNBV":1}"#, #"{"account":"a","secret":"GEZDGNBV"}"#,
        "account,secret\na,GEZDGNBV\n", "account,slot\na,GEZDGNBV\n", #"[["GEZDGNBV"]]"#,
    ])
    func `Nothing is told of a file of secrets that was named by mistake`(text: String) {
        let problems = RosterReading(text).problems
        #expect(!problems.isEmpty)
        #expect(problems.allSatisfy { !"\($0)".contains("GEZDGNBV") }, "\(problems)")
    }

    @Test func `Nothing of a table is read whose columns are not all known`() {
        let reading = RosterReading("account,pin\nalice,1234\n")
        #expect(reading.entries.isEmpty)
        #expect(reading.problems.count == 1)
    }

    @Test func `Text that is not UTF-8 is refused where it stands`() {
        let latin = Array("account,name\nalice,Andr".utf8) + [0xE9] + Array("\nbob,Bob\n".utf8)
        let reading = RosterReading(latin)
        #expect(reading.problems == [RosterError(.notText, .name, at: Self.at(2, 1))])
        #expect(reading.entries.map(\.account) == ["bob"])
        let wide = Array("\u{FEFF}account\nalice\n".utf16).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        #expect(RosterReading(wide).kinds == [.notText])
        let raw = Array("{\"account\":\"a\",\"name\":\"".utf8) + [0xFF] + Array("\"}\n".utf8)
        #expect(RosterReading(raw).problems == [RosterError(.notText, .name, at: Self.at(1, 1))])
    }

    @Test func `No error holds more of the contents than an account`() {
        for test in Self.tables + Self.objects {
            for error in RosterReading(test.text).problems {
                var text = "\(error)"
                text.removeAll { $0 == "\\" }
                for told in ["Alice", "red", "colo", Self.tooLong] { #expect(!text.contains(told), "\(text)") }
            }
        }
    }
}
