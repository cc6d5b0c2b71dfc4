import KeyProvision
import Sealing

extension LedgerOpener {
    /// Seals the data keys of all runs anew, or none of them.
    ///
    /// - Returns: how many there were.
    func reseal(for key: SealingKey, recipients: [String]) throws -> Int {
        var resealed: Set<[UInt8]> = []
        var failure: (any Error)?
        do throws(LedgerUseFailure) {
            try ledger.run { ledger throws(LedgerError) in
                try ledger.rekey(to: recipients) { sealed throws(LedgerError) in
                    do {
                        try World.current.checkInterruption()
                        let new = try self.reseal(sealed, for: key)
                        resealed.insert(sealed)
                        return new
                    } catch {
                        failure = error
                        throw .stopped
                    }
                }
            }
        } catch {
            throw failure ?? error
        }
        return resealed.count
    }

    private func reseal(_ sealed: [UInt8], for key: SealingKey) throws -> [UInt8] {
        do throws(SealError) {
            return try tryingKeys { (opening: OpeningKey) throws(SealError) in
                try SealedDataKey.reseal(sealed, opening: opening, to: key, random: World.current.random)
            }
        } catch {
            throw LedgerReadFailure.sealed(error, path: ledger.path)
        }
    }
}
