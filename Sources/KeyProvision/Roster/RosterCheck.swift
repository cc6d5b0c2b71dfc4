import SecretFormats

/// Looks at a whole roster before the first key is touched, in memory that does not grow with it.
///
/// Beside what `RosterReader` refuses: an account that is there twice, a key that is meant for two entries, and what the keys
/// or the server's profile do not take. All problems are collected, up to a limit, so that a file is mended once.
public struct RosterCheck {
    public struct Outcome: Hashable, Sendable {
        /// Keys that are to be made.
        public var entries = 0
        /// Rows with an entry; one has several where a person gets spare keys.
        public var rows = 0
        /// Entries that say which key is meant.
        public var serials = 0
        /// In the order of the roster, but for duplicates, which come last.
        public var problems: [RosterError] = []
        /// Whether the check ended before the roster, at the limit.
        public var isCutOff = false
    }

    /// As many as a person looks at before mending the file.
    public static let mostProblems = 20

    private let issuer: String?
    private let limit: Int
    private var outcome = Outcome()
    private var search: DuplicateSearch<RosterPlace>

    /// - Parameters:
    ///   - issuer: of entries without one.
    ///   - expecting: rows at most; more are checked all the same, at the price of a second reading.
    ///   - limit: problems that are collected.
    public init(issuer: String? = nil, expecting: Int, limit: Int = mostProblems) {
        self.issuer = issuer
        self.limit = max(limit, 1)
        let values = max(expecting, 0).multipliedReportingOverflow(by: Field.allCases.count)
        search = DuplicateSearch(expecting: values.overflow ? Int.max : values.partialValue)
    }

    /// Values that are remembered as perhaps standing there twice.
    var suspectCount: Int { search.suspectCount }

    /// Reads the roster, and a second time where something looks like a duplicate. To be called once.
    ///
    /// - Parameters:
    ///   - open: begins at the start of the roster.
    ///   - judge: refuses what the keys, the chosen parameters or a profile do not take; called once for a row.
    /// - Throws: what `open` throws.
    public mutating func run<Failure: Error>(
        judge: (RosterEntry) throws(RosterObjection) -> Void = { _ throws(RosterObjection) in },
        _ open: () throws(Failure) -> RosterReader
    ) throws(Failure) -> Outcome {
        readFirst(try open(), judge)
        if search.needsSecondReading, !outcome.isCutOff { readAgain(try open()) }
        return outcome
    }

    private mutating func readFirst(_ reader: RosterReader, _ judge: (RosterEntry) throws(RosterObjection) -> Void) {
        var reader = reader
        while !outcome.isCutOff {
            do throws(RosterError) {
                guard let entry = try reader.next() else { return }
                count(entry, isFirstOfRow: reader.isFirstOfRow)
                for (_, value) in fingerprints(of: entry) { search.note(value) }
                guard reader.isFirstOfRow else { continue }
                do throws(RosterObjection) {
                    try checkLabel(of: entry)
                    try judge(entry)
                } catch {
                    add(RosterError(.objection(error), error.column, at: reader.place, account: entry.account))
                }
            } catch {
                add(error)
            }
        }
    }

    private mutating func readAgain(_ reader: RosterReader) {
        var reader = reader
        // A row of ten keys is one mistake.
        var known: Set<Field> = []
        while !outcome.isCutOff {
            guard let entry = try? reader.next() else {
                if reader.isAtEnd { return }
                continue
            }
            guard let place = reader.place else { continue }
            if reader.isFirstOfRow { known = [] }
            for (field, value) in fingerprints(of: entry) {
                guard let first = search.confirm(value, at: place), known.insert(field).inserted else { continue }
                add(RosterError(.duplicate(of: first), field.column, at: place, account: entry.account))
            }
        }
    }

    private mutating func count(_ entry: RosterEntry, isFirstOfRow: Bool) {
        outcome.entries += 1
        if isFirstOfRow { outcome.rows += 1 }
        if entry.serial != nil { outcome.serials += 1 }
    }

    private mutating func add(_ problem: RosterError) {
        outcome.isCutOff = outcome.problems.count == limit
        if !outcome.isCutOff { outcome.problems.append(problem) }
    }

    private func checkLabel(of entry: RosterEntry) throws(RosterObjection) {
        do throws(FormatError) { _ = try Label(issuer: entry.issuer ?? issuer, account: entry.account) } catch {
            throw .label(error)
        }
    }

    // MARK: What may stand there once

    private enum Field: UInt8, CaseIterable {
        case account, serial

        var column: RosterColumn {
            switch self {
            case .account: .account
            case .serial: .serial
            }
        }
    }

    /// Capital and small letters are the same: servers tell users apart by letters only.
    private func fingerprints(of entry: RosterEntry) -> [(Field, Fingerprint)] {
        let account = [entry.account.lowercased(), (entry.issuer ?? issuer ?? "").lowercased(), String(entry.copy)]
        var found = [(Field.account, Fingerprint(account, of: Field.account.rawValue))]
        if let serial = entry.serial {
            let place = [serial.lowercased(), entry.slot.map(String.init) ?? ""]
            found.append((.serial, Fingerprint(place, of: Field.serial.rawValue)))
        }
        return found
    }
}

extension RosterObjection {
    /// Where to look in the row.
    fileprivate var column: RosterColumn? {
        switch self {
        case .label(let error): error.field == .issuer ? .issuer : .account
        case .device: nil
        case .unknownProfile, .profile: .profile
        }
    }
}
