import KeyProvision
import Synchronization
import USBTransport

/// Tells of the line in JSON, an object a line; see `Docs/json.md`.
final class LineStream: LineAudience {
    private let console: Console
    private let failure = Mutex<FileError?>(nil)

    init(console: Console) { self.console = console }

    /// A reader that has gone is no reason to stop with a key half done. Nothing is written behind a gap.
    func hear(_ event: LineEvent) {
        guard let name = event.name else { return }
        failure.withLock { failure in
            guard failure == nil else { return }
            do throws(FileError) {
                try console.document { json in
                    json.key("event")
                    json.value(name)
                    event.members(json)
                }
            } catch {
                failure = error
            }
        }
    }

    /// To be called when the line is done.
    ///
    /// - Throws: why not all events were written.
    func finish() throws(FileError) {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}

extension LineEvent {
    fileprivate var name: String? {
        switch self {
        case .started: "started"
        case .waiting: "waiting"
        case .working: "working"
        case .step(_, _, .touch), .step(_, _, .confirming): "touch"
        case .step(_, _, .approving): "approval"
        case .step: nil
        case .cleared: "cleared"
        case .made: "made"
        case .sheet: "sheet"
        case .notPrinted: "not printed"
        case .refused(_, let outcome): outcome.name
        case .failed: "failed"
        case .retrying: "retrying"
        case .removed: "removed"
        case .ended: "ended"
        }
    }

    fileprivate func members(_ json: JSONWriter) {
        switch self {
        case .started(let counts), .ended(let counts): json.members(counts)
        case .waiting(let next):
            json.key("entry")
            if let next { json.value(next) } else { json.null() }
        case .working(let key), .removed(let key): json.member(key)
        case .step(let key, let entry, _): json.members(key, entry)
        case .cleared(let key, let name):
            json.member(key)
            json.key("credential")
            json.value(name)
        case .made(let key, let entry, let verification):
            json.members(key, entry)
            json.key("verified")
            json.value(verification.rawValue)
        case .sheet(let entry, let path):
            json.key("entry")
            json.value(entry)
            json.key("path")
            json.value(path)
        case .notPrinted(let entry, let diagnosis):
            json.key("entry")
            json.value(entry)
            json.key("reason")
            json.value(diagnosis.message)
        case .refused(let key, .keyUsed(let entry)): json.members(key, entry.roster)
        case .refused(let key, _): json.member(key)
        case .failed(let key, let entry, let diagnosis):
            json.members(key, entry)
            json.key("reason")
            json.value(diagnosis.message)
        case .retrying(let key, let diagnosis):
            json.member(key)
            json.key("reason")
            json.value(diagnosis.message)
        }
    }
}

extension ReservationOutcome {
    fileprivate var name: String {
        switch self {
        case .reserved: "reserved"
        case .keyUsed: "key used"
        case .keyInWork: "key in work"
        case .keyNotWanted: "key not wanted"
        case .nothingOpen: "nothing open"
        }
    }
}

extension JSONWriter {
    func members(_ counts: EntryCounts) {
        key("total")
        value(counts.total)
        key("done")
        value(counts.done)
        key("open")
        value(counts.open)
        key("in_work")
        value(counts.inWork)
    }

    func value(_ entry: RosterEntry) {
        object {
            key("account")
            value(entry.account)
            key("issuer")
            value(entry.issuer)
            key("copy")
            value(entry.copy)
            key("name")
            value(entry.owner)
        }
    }

    fileprivate func members(_ device: AttachedDevice, _ entry: RosterEntry?) {
        member(device)
        key("entry")
        if let entry { value(entry) } else { null() }
    }

    fileprivate func member(_ device: AttachedDevice) {
        key("device")
        object {
            key("model")
            value(device.model)
            key("serial")
            value(device.serial)
            key("port")
            value(device.location.description)
        }
    }
}
