import KeyProvision

/// What is said of the line.
extension LineEvent {
    /// Nil for what only shows on a terminal, or in detail.
    var text: String? {
        switch self {
        case .started(let counts) where counts.done == counts.total: nil
        case .started(let counts):
            "\(counts.total - counts.done) of \(Phrases.count(counts.total, "entry", "entries")) to do"
        case .waiting(let entry?) where entry.serial != nil:
            "plug in the key with serial \(entry.serial ?? "") for \(entry.person), or another one of the roster"
        case .waiting(let entry?): "plug in a key for \(entry.person)"
        case .waiting(nil): "what is left is in the work of another run; waiting for it"
        case .working, .removed: nil
        case .step(let key, let entry, .touch), .step(let key, let entry, .confirming):
            "touch the \(key.model) at usb:\(key.location) while it blinks, for \(entry.person)"
        case .step(let key, let entry, .approving):
            "approve it on the display of the \(key.model) at usb:\(key.location), for \(entry.person)"
        case .step: nil
        case .cleared(let key, let name):
            "deleted '\(name)' from \(key.text): an earlier attempt of this batch left it there, and its entry went on "
                + "without this key"
        case .made(let key, let entry, let verification):
            "wrote the key of \(entry.person): \(key.text); verified: \(verification.rawValue); pull it out"
        case .sheet(let entry, let path): "put the sheet of \(entry.person) into '\(path)'"
        case .notPrinted(let entry, let diagnosis): "not printed for \(entry.person): \(diagnosis.message)"
        case .refused(let key, let outcome): outcome.text(for: key)
        case .failed(let key, let entry?, let diagnosis):
            "no key yet for \(entry.person); \(key.text): \(diagnosis.message)"
        case .failed(_, nil, let diagnosis): diagnosis.message
        case .retrying(_, let diagnosis): diagnosis.message + "; it is tried again while the key is plugged in"
        case .ended(let counts): Phrases.entries(counts.done, of: counts.total) + " done"
        }
    }

    /// What to do now.
    var hints: [String] {
        switch self {
        case .failed(_, let entry, let diagnosis):
            // Those of single commands say to plug it in and run them again, and this one is still running.
            (diagnosis.exitCode == .noDevice ? [] : diagnosis.hints)
                + (entry == nil ? [] : ["the entry is open again: plug the key in once more, or another one"])
        case .refused(let key, .keyUsed) where key.serial == nil:
            [
                "it has no serial number to be known by: if it only failed at this entry, 'keyprov credentials delete' takes "
                    + "the credential off"
            ]
        case .retrying(_, let diagnosis): diagnosis.hints
        case .notPrinted(_, let diagnosis):
            diagnosis.hints + ["the key is done; 'keyprov sheet --ledger' prints it again"]
        default: []
        }
    }

    /// Whether it is said also where only warnings are.
    var isWarning: Bool {
        switch self {
        case .failed, .retrying, .notPrinted, .cleared: true
        case .refused(_, let outcome): outcome.isWarning
        default: false
        }
    }
}

extension RosterEntry {
    /// Whom to hand the key to.
    var person: String {
        let name = owner.map { "\($0) (\(account))" } ?? account
        return copy > 1 ? "\(name), key \(copy)" : name
    }
}

extension ReservationOutcome {
    fileprivate func text(for key: AttachedDevice) -> String? {
        switch self {
        case .reserved: nil
        case .keyUsed(let entry): "\(key.text) holds '\(entry.roster.account)' of this batch already: take another key"
        case .keyInWork(let station?): "\(key.text) is in the work of '\(station)'"
        case .keyInWork(nil): "\(key.text) is in the work of another run"
        case .keyNotWanted(let wanted):
            "no open entry is for \(key.text); wanted: serial \(wanted.joined(separator: ", "))"
        case .nothingOpen(0): "nothing is left to do for \(key.text)"
        case .nothingOpen: "what is left is in the work of another run: \(key.text) waits"
        }
    }

    fileprivate var isWarning: Bool {
        switch self {
        case .keyUsed, .keyInWork, .keyNotWanted: true
        case .reserved, .nothingOpen: false
        }
    }
}
