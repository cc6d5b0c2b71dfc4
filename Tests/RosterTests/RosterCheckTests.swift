import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@testable import KeyProvision

/// The look at a whole roster before the first key.
@Suite struct RosterCheckTests {
    private func check(
        _ text: String, issuer: String? = nil, expecting: Int = 100, limit: Int = RosterCheck.mostProblems,
        judge: (RosterEntry) throws(RosterObjection) -> Void = { _ throws(RosterObjection) in }
    ) -> RosterCheck.Outcome {
        var check = RosterCheck(issuer: issuer, expecting: expecting, limit: limit)
        return check.run(judge: judge) { RosterReader(BufferSource(WipedBuffer(text.utf8))) }
    }

    private func at(_ line: Int, _ row: Int) -> RosterPlace { RosterPlace(line: line, row: row) }

    @Test func `A good roster is counted`() {
        let outcome = check(SampleRoster.table(","))
        #expect(outcome.problems == [])
        #expect((outcome.entries, outcome.rows, outcome.serials) == (4, 3, 1))
        #expect(!outcome.isCutOff)
    }

    @Test func `An account that is there twice is told with both places`() {
        let outcome = check("account,issuer\nalice,\nbob,\nAlice,\nalice,Other\nalice,\n")
        #expect(
            outcome.problems == [
                RosterError(.duplicate(of: at(2, 1)), .account, at: at(4, 3), account: "Alice"),
                RosterError(.duplicate(of: at(2, 1)), .account, at: at(6, 5), account: "alice"),
            ])
        #expect(check("account,issuer\nalice,\nalice,Example\n").problems == [])
        #expect(check("account,issuer\nalice,\nalice,EXAMPLE\n", issuer: "Example").problems.count == 1)
    }

    @Test func `Letters that are composed in two ways are the same account`() {
        #expect(check("account\nAndr\u{E9}\nAndre\u{301}\n").problems.count == 1)
    }

    @Test func `Copies are keys of their own, and a row of many is one mistake`() {
        #expect(check("account,copy\nalice,1\nalice,2\n").problems == [])
        #expect(check("account,copy\nalice,2\nalice,2\n").problems.count == 1)
        let outcome = check("account,quantity\nalice,5\nalice,7\n")
        #expect(outcome.problems == [RosterError(.duplicate(of: at(2, 1)), .account, at: at(3, 2), account: "alice")])
        #expect(check("account,quantity,copy\nalice,5,\nalice,,3\n").problems.count == 1)
        #expect(check("account,quantity,copy\nalice,5,\nalice,,6\n").problems == [])
    }

    @Test func `A key is meant for one entry, but for each of its slots`() {
        let outcome = check("account,serial,slot\na,77,\nb,77,\nc,77,1\nd,77,2\ne,77,1\n")
        #expect(
            outcome.problems == [
                RosterError(.duplicate(of: at(2, 1)), .serial, at: at(3, 2), account: "b"),
                RosterError(.duplicate(of: at(4, 3)), .serial, at: at(6, 5), account: "e"),
            ])
        #expect(check("account,serial\na,ABC1\nb,abc1\n").problems.count == 1)
    }

    @Test func `An account that is a serial number elsewhere is no duplicate`() {
        #expect(check("account,serial\n77,88\n88,77\n").problems == [])
    }

    @Test func `Names that no server could tell apart are refused`() {
        let outcome = check("account,issuer\na:b,\nc,d:e\n")
        #expect(outcome.problems.map(\.column) == [.account, .issuer])
        #expect(check("account\n\" a\"\n").problems.count == 1)
        // The issuer of the batch counts for entries without one.
        #expect(check("account\na\n", issuer: "x:y").problems.map(\.column) == [.issuer])
    }

    @Test func `What the keys do not take is told for its row, once`() throws {
        let features = FamilyFeatures(
            totp: FamilyFeatures.Kind(algorithms: [.sha1], digits: [6], proof: .full), hotp: nil, maxCounter: 0,
            longestName: 64)
        let sample = try Credential(
            label: Label(account: "any"), secret: Secret(WipedBuffer([UInt8](repeating: 1, count: 20))))
        let outcome = check("account,slot,quantity\nalice,,3\n\(String(repeating: "x", count: 65)),,2\nbob,1,\n") {
            (entry) throws(RosterObjection) in try features.check(entry, like: sample)
        }
        #expect(
            outcome.problems.map(\.kind) == [
                .objection(.device(.notSupported(.nameTooLong(65, limit: 64)))),
                .objection(.device(.notSupported(.slots))),
            ])
        #expect(outcome.problems.map(\.place) == [at(3, 2), at(4, 3)])
        // With the issuer of the batch in front of it, a shorter one is too long.
        let account = String(repeating: "x", count: 57)
        #expect(throws: RosterObjection.device(.notSupported(.nameTooLong(65, limit: 64)))) {
            try features.check(RosterEntry(account: account), issuer: "Example", like: sample)
        }
        try features.check(RosterEntry(account: account, issuer: "Exampl"), issuer: "Example", like: sample)
        #expect(throws: RosterObjection.self) { try features.check(RosterEntry(account: "a:b"), like: sample) }
    }

    @Test func `Problems are collected up to the limit`() {
        let rows = (1...30).map { "user\($0),x\n" }.joined()
        #expect(check("account,slot\n" + rows).problems.count == 20)
        #expect(check("account,slot\n" + rows).isCutOff)
        let some = check("account,slot\n" + (1...20).map { "user\($0),x\n" }.joined())
        #expect(some.problems.count == 20)
        #expect(!some.isCutOff)
        let twice = (1...30).map { "user\($0),\n" }.joined()
        let outcome = check("account,slot\n" + twice + twice, limit: 5)
        #expect(outcome.problems.count == 5)
        #expect(outcome.isCutOff)
    }

    @Test func `Problems of rows and duplicates are told together`() {
        let outcome = check("account,slot\nalice,x\nbob,\nbob,\n")
        #expect(outcome.problems.map(\.kind) == [.notANumber, .duplicate(of: at(3, 2))])
    }

    @Test func `A hundred thousand rows leave nothing behind, and a duplicate among them is found`() {
        let count = 100_000
        func made(_ last: String) -> MadeRows {
            MadeRows("account,serial\n", count: count) { $0 == count ? last : "user\($0),\(1_000_000 + $0)\n" }
        }
        var check = RosterCheck(expecting: count)
        var readings = 0
        let good = check.run { () throws(Never) in
            readings += 1
            return RosterReader(made("last,1\n"))
        }
        #expect(good.problems == [])
        #expect(good.entries == count)
        #expect((check.suspectCount, readings) == (0, 1))

        var other = RosterCheck(expecting: count)
        let bad = other.run { () throws(Never) in RosterReader(made("User7,1\n")) }
        #expect(bad.problems.map(\.kind) == [.duplicate(of: at(8, 7))])
        #expect(bad.problems.first?.place == at(count + 1, count))
        #expect(other.suspectCount == 1)
    }

    @Test func `A roster that was expected to be shorter is checked all the same`() {
        var check = RosterCheck(expecting: 1)
        let outcome = check.run { () throws(Never) in
            RosterReader(MadeRows("account\n", count: 5_000) { "user\($0 % 4_999)\n" })
        }
        #expect(outcome.problems.map(\.account) == ["user0"] || outcome.problems.map(\.account) == ["user1"])
    }

    @Test func `Why a roster cannot be opened is passed on`() {
        struct Gone: Error, Equatable {}
        var check = RosterCheck(expecting: 1)
        #expect(throws: Gone()) { try check.run { () throws(Gone) in throw Gone() } }
    }
}
