import KeyProvision

extension Diagnosis {
    init(_ failure: LedgerUseFailure) {
        switch failure {
        case .none(let path):
            self.init(
                .badInput, "there is no ledger '\(path)'",
                hints: ["'enroll', 'import' and 'batch run' make one", "--ledger names another one"])
        case .store(let error, let path): self.init(error, path: path)
        case .noEntry(let account, let copy, let batch):
            self.init(
                .badInput, "the batch '\(batch)' has no entry for '\(account)'" + (copy > 1 ? ", key \(copy)" : ""),
                hints: ["'keyprov ledger status --batch \(batch)' lists its entries"])
        case .keyAbsent(let wanted):
            self.init(
                .noDevice, "the key that has the secret is not attached: \(wanted.text)",
                hints: [
                    wanted.isVirtual ? "--virtual names it" : "plug it in",
                    "where it is lost or broken, --without-key opens the entry again",
                ])
        case .otherKey(let key, let wanted):
            self.init(
                .failed, "\(key.text) is not the key that has the secret: that is \(wanted.text)",
                hints: ["plug that one in, or use --without-key where it is gone"])
        case .passphraseOnly(let path, let option):
            self.init(
                .badInput, "the ledger '\(path)' is sealed with a passphrase, which a new run needs too",
                hints: [
                    "\(option) takes it",
                    "'keyprov ledger rekey --recipient' seals it to somebody instead, and new runs need nothing then",
                ])
        case .writtenOver(let account, let entry):
            self.init(
                .failed,
                "the key holds the secret of '\(account)' no more: that of \(entry.roster.person) was written over it",
                hints: ["--without-key opens the entry again and leaves the key as it is"])
        case .severalIssuers(let account, let issuers):
            self.init(
                .usage,
                "'\(account)' is in the batch for several issuers: "
                    + issuers.map { $0.map { "'\($0)'" } ?? "none" }.joined(separator: ", "),
                hints: ["--issuer says which; --issuer '' is the one that has none"])
        case .notARoster(let batch):
            self.init(
                .usage, "the batch '\(batch)' is that of 'enroll' and 'import', and there is no roster to work through",
                hints: ["'enroll' makes the keys of its open entries", "--batch NAME names another one"])
        case .begun(let batch):
            self.init(
                .usage, "the batch '\(batch)' was begun before",
                hints: ["--resume goes on with it", "--batch NAME begins another one"])
        case .otherTerms(let batch, let changed):
            self.init(
                .usage, "the batch '\(batch)' was begun with other options: \(changed.joined(separator: ", "))",
                hints: ["leave them out, or begin another batch with --batch NAME"])
        }
    }

    init(_ error: LedgerError, path: String) {
        switch error {
        case .newerVersion(let found, let known):
            self.init(
                .badInput, "the ledger '\(path)' is of version \(found), and this program knows \(known)",
                hints: ["use the newer program that made it"])
        case .notALedger: self.init(.badInput, "'\(path)' is no ledger")
        case .damaged(let words):
            self.init(
                .inputOutput, "the ledger '\(path)' is damaged: \(words)",
                hints: ["'keyprov ledger check' tells what is wrong", "go on with a copy of it from before"])
        case .storage(let fault): self.init(fault, path: path)
        case .batchExists(let name): self.init(.usage, "there is a batch '\(name)' already")
        case .noSuchBatch(let name):
            self.init(.badInput, "there is no batch '\(name)'", hints: ["'keyprov ledger status' lists the batches"])
        case .duplicateEntry(let account, _): self.init(.badInput, "'\(account)' is in the roster twice")
        case .wrongState(let state):
            self.init(.failed, "this cannot be done with an entry that is \(state.rawValue)")
        case .noSuchEntry: self.init(.badInput, "there is no such entry in the ledger")
        case .recipientsChanged:
            self.init(
                .tryAgain, "to whom '\(path)' is sealed was changed meanwhile", hints: ["run the command again"])
        case .stopped: self.init(.failed, "the ledger was left as it was")
        case .cryptography: self = .cryptography
        }
    }

    private init(_ fault: LedgerError.StorageFault, path: String) {
        switch fault {
        case .full:
            self.init(
                .inputOutput, "the disk is full: '\(path)' cannot be written",
                hints: ["nothing was lost: make room and go on"])
        case .readOnly: self.init(.inputOutput, "'\(path)' cannot be written: it is read-only")
        case .noPermission: self.init(.noPermission, "no permission to use '\(path)'")
        case .noFolder: self.init(.inputOutput, "'\(path)' cannot be made: there is no such folder")
        case .busy:
            self.init(.tryAgain, "other programs keep '\(path)' busy", hints: ["run the command again"])
        case .other(let words): self.init(.inputOutput, "'\(path)': \(words)")
        }
    }
}
