import KeyProvision

/// What is said of what was done in a ledger.
enum LedgerWords {
    static func notWritten(_ fields: [String], format: String) -> String {
        "not written, as '\(format)' has no place for it: " + fields.joined(separator: ", ")
    }

    static func changedMeanwhile(_ count: Int) -> String {
        "in the file, and not marked as exported: \(Phrases.count(count, "entry", "entries")), "
            + "undone, forgotten or exported by another while the file was written"
    }

    static func notForgotten(_ count: Int) -> String {
        "changed by another meanwhile, and left as it is: \(Phrases.count(count, "entry", "entries"))"
    }

    static let otherHistory = (
        name: "other history", text: "no event has the hash that was written down: this is not the ledger of then"
    )

    static func sameHistory(until event: Int64) -> String {
        "event \(event) has the hash that was written down: nothing up to it was changed"
    }

    static func forgot(_ count: Int) -> String {
        count == 0 ? "there was nothing to forget" : "forgot the secrets of \(Phrases.count(count, "entry", "entries"))"
    }

    static func wouldForget(_ count: Int) -> String {
        "would forget the secrets of \(Phrases.count(count, "entry", "entries"))"
    }

    static let forgotUnexported =
        "some of them were never exported: from now on their secrets are on the keys alone, and no server can learn them"
    static let copiesStay = "copies elsewhere still have them: backups of the ledger, exported files, printed sheets"

    static func erased(_ count: Int) -> String {
        count == 0
            ? "there was nothing to forget"
            : "forgot \(Phrases.count(count, "secret")) that nobody used; what was verified stays"
    }

    static func wouldErase(_ count: Int) -> String { "would forget \(Phrases.count(count, "secret")) that nobody uses" }

    static func corrected(_ count: Int) -> String {
        "corrected \(Phrases.count(count, "open entry", "open entries")) by the roster"
    }

    static func differing(_ outcome: PlanOutcome) -> String {
        "done or in work, and left as it is, although the roster says something else: "
            + Phrases.list(outcome.firstDiffering.map(\.account), of: outcome.differing)
    }

    static func superseded(_ entry: LedgerEntry, batch: String) -> String {
        "'\(entry.roster.name)' of the batch '\(batch)' is open again: the key holds its secret no more"
    }

    static let backupsStay = "backups of the ledger still have them"

    static func stillOpen(_ count: Int) -> String {
        "not done, and left as it is: \(Phrases.count(count, "entry", "entries")) of these accounts; --unused forgets the "
            + "secrets of failed attempts"
    }

    static func rekeyed(_ runs: Int) -> String {
        "sealed \(Phrases.count(runs, "data key")) anew; what opened them before opens only copies from before"
    }

    static let lostIsLost =
        "an identity or a passphrase that is lost is lost for good, and with it all secrets of this ledger"
}

extension LedgerCheck.Finding {
    /// For scripts.
    var name: String {
        switch self {
        case .brokenChain: "broken chain"
        case .missingEvents: "missing events"
        case .stateDiffers: "state differs"
        case .secretDiffers: "secret differs"
        case .batchDiffers: "batch differs"
        case .runDiffers: "run differs"
        case .dataKeyDiffers: "data key differs"
        case .recipientsDiffer: "recipients differ"
        case .damage: "damage"
        }
    }

    var text: String {
        switch self {
        case .brokenChain(let event): "event \(event) or one before it was changed: its hash is another"
        // Not by their count, of which there can be more than a number holds.
        case .missingEvents(let events) where events.lowerBound == events.upperBound:
            "event \(events.lowerBound) is missing"
        case .missingEvents(let events): "events \(events.lowerBound) to \(events.upperBound) are missing"
        case .stateDiffers(let entry): "entry \(entry) has not the state, the key or the secret that its events gave it"
        case .secretDiffers(let entry):
            "the sealed secret of entry \(entry) is missing, or not the one that was recorded"
        case .batchDiffers(let batch): "batch \(batch) has not the name and the options that were recorded"
        case .runDiffers(let run): "run \(run) is not of the station that was recorded"
        case .dataKeyDiffers(let run):
            "the sealed data key of run \(run) is missing, or not the one that was recorded"
        case .recipientsDiffer:
            "the recipients are not those that were recorded: new secrets would be sealed to others"
        case .damage(let words): "the file is damaged: \(words)"
        }
    }
}
