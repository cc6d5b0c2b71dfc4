import KeyProvision
import SQLiteLedger

/// Reads a ledger that may not be written to, and tries to write to it.
struct Reader {
    private let path: String

    init(_ path: String) { self.path = path }

    func run() throws {
        do throws(LedgerError) {
            let ledger = try SQLiteLedger(readingPath: path)
            let entries = try ledger.entries(EntryQuery(), after: nil, limit: 100)
            let check = try ledger.check()
            LedgerStation.say("entries \(entries.count), events \(check.events), findings \(check.findings)")
            do throws(LedgerError) {
                _ = try ledger.begin(batch: "another", terms: "")
                LedgerStation.say("wrote")
            } catch {
                LedgerStation.say("\(error)")
            }
        } catch {
            LedgerStation.say("reading: \(error)")
        }
        do throws(LedgerError) {
            _ = try LedgerStation.open(path).enter(station: "desk", sealedDataKey: Sample.dataKey, sealedTo: nil)
            LedgerStation.say("entered")
        } catch {
            LedgerStation.say("\(error)")
        }
    }
}
