import Glibc
import KeyProvision
import SQLiteLedger

/// A process at work on a ledger, for tests of several at once, and of one that is killed in the middle.
@main
enum LedgerStation {
    static let usage = """
        usage: LedgerStation LEDGER work STATION SERIALS SEED | series | hold | plan COUNT | fill | read
               LedgerStation LEDGER enter FIRST COUNT | rekey COUNT
               LedgerStation LEDGER load ENTRIES | measure
        """

    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            guard let path = words.first else { throw StationFailure(usage) }
            switch (words.dropFirst().first, words.count) {
            case ("work", 5):
                try Worker(path, station: words[2], serials: number(words[3]), seed: number(words[4])).run()
            case ("series", 2): try Series(path).run()
            case ("hold", 2): try Holder(path).run()
            case ("plan", 3): try Planner(path).plan(try number(words[2]))
            case ("fill", 2): try Planner(path).fill()
            case ("read", 2): try Reader(path).run()
            case ("enter", 4): try Rekeying(path).enter(from: number(words[2]), count: number(words[3]))
            case ("rekey", 3): try Rekeying(path).rekey(count: number(words[2]))
            case ("load", 3): try Measurement(path).load(try number(words[2]))
            case ("measure", 2): try Measurement(path).run()
            default: throw StationFailure(usage)
            }
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text) else { throw StationFailure(usage) }
        return number
    }

    /// At once and in one piece: whoever started this reads it after it was killed.
    static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    static func open(_ path: String) throws(LedgerError) -> SQLiteLedger {
        try SQLiteLedger(path: path) { UInt64(clamping: time(nil)) }
    }
}

struct StationFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
