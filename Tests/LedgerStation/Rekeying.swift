import Glibc
import KeyProvision
import SQLiteLedger

/// Runs that seal to the recipients that they read, and rekeys that come in between.
struct Rekeying {
    private let ledger: SQLiteLedger
    /// Between the look at the recipients and the change, so that others get in between.
    private static let pause: UInt32 = 2_000

    init(_ path: String) throws { ledger = try LedgerStation.open(path) }

    /// Each run leaves a secret behind, so that its data key stays.
    func enter(from first: Int, count: Int) throws {
        guard let batch = try ledger.batch(named: Sample.batch) else { throw StationFailure("no batch") }
        for number in first..<first + count {
            let run = try enter()
            let attempt = try Sample.attempt(on: Sample.key(number), account: "account\(number)", run: run)
            _ = try ledger.start(Sample.entry(number), in: batch, with: attempt)
        }
    }

    private func enter() throws(LedgerError) -> any LedgerRun {
        while true {
            let recipients = try ledger.recipients() ?? []
            usleep(Self.pause)
            do throws(LedgerError) {
                return try ledger.enter(
                    station: "desk", sealedDataKey: Self.dataKey(for: recipients), sealedTo: recipients)
            } catch .recipientsChanged {
                continue
            }
        }
    }

    func rekey(count: Int) throws {
        for number in 0..<count {
            usleep(Self.pause)
            let recipients = ["age1number\(number)"]
            try ledger.rekey(to: recipients) { _ in Self.dataKey(for: recipients) }
        }
    }

    private static func dataKey(for recipients: [String]) -> [UInt8] { Array("for \(recipients.joined())".utf8) }
}
