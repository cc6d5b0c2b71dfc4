import KeyProvision
import Testing

/// The text of what events say.
struct EventDetailTests {
    @Test func `Each value is one line, in the order of the names`() {
        let entry = RosterEntry(
            account: "a\tb\u{7F}", issuer: "back\\slash", copy: 12, owner: "Søren =\nor not", profile: "\u{0}")
        #expect(
            EventDetail.planned(entry).text == #"""
                account=a\x09b\x7f
                copy=12
                issuer=back\\slash
                owner=Søren =\nor not
                profile=\x00
                """#)
    }

    @Test func `Two entries that differ have two texts`() {
        let entries = [
            RosterEntry(account: "a"), RosterEntry(account: "a", issuer: ""), RosterEntry(account: "a\nissuer="),
            RosterEntry(account: "a\\nissuer="), RosterEntry(account: "a", slot: 1),
            RosterEntry(account: "a", serial: "1"),
        ]
        #expect(Set(entries.map { EventDetail.planned($0).text }).count == entries.count)
    }

    @Test func `A value is found by its whole name`() {
        let text = EventDetail.planned(RosterEntry(account: "x=y", issuer: "account=z")).text
        #expect(EventDetail.value(of: "account", in: text) == "x=y")
        #expect(EventDetail.value(of: "issuer", in: text) == "account=z")
        #expect(EventDetail.value(of: "issue", in: text) == nil)
        #expect(EventDetail.value(of: "owner", in: text) == nil)
        #expect(EventDetail.value(of: "account", in: "") == nil)
    }
}
