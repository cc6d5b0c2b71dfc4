import KeyProvision
import Sealing
import SecretFormats
import Synchronization

/// Opens the sealed secrets of a ledger. The data key of each run is opened once.
final class LedgerOpener: Sendable {
    let ledger: OpenLedger
    private let keys: [OpeningKey]
    private let openers = Mutex<[Int64: RecordOpener]>([:])

    init(_ ledger: OpenLedger, _ keys: [OpeningKey]) {
        self.ledger = ledger
        self.keys = keys
    }

    /// Opens the data keys of runs before any of their secrets is asked for.
    ///
    /// - Parameter entries: how many of each run there are.
    /// - Throws: `.locked` with how many entries it concerns.
    func prepare(_ entries: [Int64: Int]) throws {
        var locked = 0
        var cause: SealError?
        for (run, count) in entries.sorted(by: { $0.key < $1.key }) {
            try World.current.checkInterruption()
            do throws(OpeningFailure) { _ = try opener(of: run) } catch {
                switch error {
                case .ledger(let failure): throw failure
                case .seal(let error):
                    locked += count
                    cause = cause ?? error
                }
            }
        }
        guard let cause else { return }
        throw LedgerReadFailure.locked(
            entries: locked, of: entries.values.reduce(0, +), cause, path: ledger.path)
    }

    /// - Parameter attempt: with its sealed secret.
    func secret(of attempt: Attempt) throws -> Secret {
        guard let sealed = attempt.sealedSecret else {
            throw LedgerReadFailure.lostSecret(account: attempt.terms.label.account, nil)
        }
        let opener = try openedKey(of: attempt.run)
        do throws(SealError) { return try opener.open(sealed, row: attempt.id.bytes) } catch {
            throw LedgerReadFailure.lostSecret(account: attempt.terms.label.account, error)
        }
    }

    /// A run that began after `prepare` is opened when its first secret is.
    private func openedKey(of run: Int64) throws -> RecordOpener {
        do throws(OpeningFailure) { return try opener(of: run) } catch {
            switch error {
            case .ledger(let failure): throw failure
            case .seal(let error): throw LedgerReadFailure.locked(entries: 1, of: 1, error, path: ledger.path)
            }
        }
    }

    private enum OpeningFailure: Error {
        case ledger(LedgerUseFailure)
        case seal(SealError)
    }

    private func opener(of run: Int64) throws(OpeningFailure) -> RecordOpener {
        if let known = openers.withLock({ $0[run] }) { return known }
        let dataKey = try dataKey(of: run)
        do throws(SealError) {
            let opener = try tryingKeys { (key: OpeningKey) throws(SealError) in try RecordOpener(dataKey, opening: key)
            }
            openers.withLock { $0[run] = opener }
            return opener
        } catch {
            throw .seal(error)
        }
    }

    private func dataKey(of run: Int64) throws(OpeningFailure) -> [UInt8] {
        let sealed: SealedRun?
        do throws(LedgerUseFailure) {
            sealed = try ledger.run { ledger throws(LedgerError) in try ledger.sealedRun(run) }
        } catch {
            throw .ledger(error)
        }
        guard let dataKey = sealed?.dataKey else { throw .seal(.malformedRecord) }
        return dataKey
    }

    /// - Throws: the error of the key that came closest, which is one of the right kind.
    func tryingKeys<Result>(_ body: (OpeningKey) throws(SealError) -> Result) throws(SealError) -> Result {
        var cause: SealError?
        for key in keys {
            do throws(SealError) { return try body(key) } catch {
                if cause == nil || cause == .needsPassphrase || cause == .needsIdentity { cause = error }
            }
        }
        throw cause ?? .noMatchingIdentity
    }
}
