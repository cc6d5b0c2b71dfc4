import ArgumentParser
import ByteBuffers
import KeyProvision
import SecretFormats

extension LedgerCommand {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Look for what was changed behind the ledger's back.",
            discussion: """
                Whoever writes down how many events there are, and the hash of the last one, can tell later that nothing \
                up to it was changed: --head compares.
                """,
            version: Keyprov.version)

        @OptionGroup(title: "Ledger") var place: LedgerOptions

        @Option(
            name: .long,
            help: ArgumentHelp("A hash that was written down: one of the events has to have it.", valueName: "hash"))
        var head: EventHash?

        @OptionGroup(title: "Common") var global: GlobalOptions

        func run() throws {
            let (ledger, check) = try checked()
            let found = try head.map { try event(with: $0, in: ledger) }
            var findings = check.findings.map { (name: $0.name, text: $0.text) }
            if case .some(.none) = found { findings.append(LedgerWords.otherHistory) }
            if global.json {
                try document(check, findings, found: found ?? nil)
            } else {
                let lines = [["events", String(check.events)], ["head", HashText.text(check.head)]]
                var columns = Columns(count: 2)
                try global.console.data(columns.text(lines + findings.map { ["finding", $0.text] }))
            }
            guard findings.isEmpty else { throw LedgerReadFailure.findings(findings.count, path: ledger.path) }
            if let event = found ?? nil { global.console.note(LedgerWords.sameHistory(until: event)) }
        }

        private func checked() throws -> (OpenLedger, LedgerCheck) {
            do {
                let ledger = try OpenLedger(LedgerStore(place, global), toRead: true)
                return (ledger, try ledger.run { ledger throws(LedgerError) in try ledger.check() })
            } catch LedgerUseFailure.store(.damaged(let words), let path) {
                // The hint of other commands is to run this one.
                throw LedgerReadFailure.damaged(words, path: path)
            }
        }

        /// The number of the event that has the hash; nil where none has.
        private func event(with hash: EventHash, in ledger: OpenLedger) throws -> Int64? {
            if hash.bytes == EventChain.start { return 0 }
            var number: Int64?
            try ledger.forEachPage(EventQuery()) { page in
                number = number ?? page.first { $0.hash == hash.bytes }?.number
            }
            return number
        }

        private func document(_ check: LedgerCheck, _ findings: [(name: String, text: String)], found: Int64?) throws {
            try global.console.document { json in
                json.key("events")
                json.value(check.events)
                json.key("head")
                json.value(HashText.text(check.head))
                json.key("written_down")
                if let found { json.value(found) } else { json.null() }
                json.key("findings")
                json.array {
                    for (name, text) in findings {
                        json.object {
                            json.key("finding")
                            json.value(name)
                            json.key("text")
                            json.value(text)
                        }
                    }
                }
            }
        }
    }
}

/// The hash of an event, whole.
struct EventHash: ExpressibleByArgument {
    let bytes: [UInt8]

    init?(argument: String) {
        let text = WipedBuffer(argument.utf8)
        do throws(FormatError) {
            bytes = try text.withBytes { (text: RawSpan) throws(FormatError) in try Hex.decode(text) }
                .withBytes { [UInt8](copying: $0) }
        } catch {
            return nil
        }
        guard bytes.count == HashAlgorithm.sha256.digestLength else { return nil }
    }
}
