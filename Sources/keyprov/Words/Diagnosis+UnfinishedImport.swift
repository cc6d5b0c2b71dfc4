import KeyProvision

extension Diagnosis {
    init(_ unfinished: UnfinishedImport) {
        let cause = Diagnosis(unfinished.cause)
        let name = unfinished.name
        let hints =
            switch unfinished.part {
            case .spareRefused: ["that is the second key; nothing was written to either"]
            case .spareUnwritten(let first):
                [
                    "the first key (\(first.model)\(first.serial.map { ", serial \($0)" } ?? "")) holds '\(name)', the "
                        + "second does not; the server was told no code",
                    "run the command again with --replace to have both, or go on with the first: 'keyprov code'",
                ]
            case .recoveryCodes:
                [
                    "the key holds '\(name)' and gave its codes; only the list is missing",
                    "with the list in a file: the same command with --replace and --recovery-codes FILE",
                ]
            }
        self.init(cause.exitCode, cause.message, hints: cause.hints + hints)
    }
}
