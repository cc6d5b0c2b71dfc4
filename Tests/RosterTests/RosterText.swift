import ByteBuffers
import KeyProvision
import SecretFormats

/// What a reader makes of a roster, to its end.
struct RosterReading: Equatable {
    var entries: [RosterEntry] = []
    var problems: [RosterError] = []

    /// Rows of more than `most` problems are not read on, so that a reader that never ends fails and does not hang.
    init(_ bytes: some Collection<UInt8>, blocks length: Int? = nil, most: Int = 10_000) {
        let whole = WipedBuffer(bytes)
        var reader = RosterReader(length.map { SmallBlocks(Array(bytes), $0) } ?? BufferSource(whole))
        while problems.count < most {
            do throws(RosterError) {
                guard let entry = try reader.next() else { return }
                entries.append(entry)
            } catch {
                problems.append(error)
            }
        }
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    var kinds: [RosterError.Kind] { problems.map(\.kind) }
}

/// As a pipe that is filled slowly.
final class SmallBlocks: ByteSource {
    private var rest: ArraySlice<UInt8>
    private let length: Int

    init(_ bytes: [UInt8], _ length: Int) { (rest, self.length) = (bytes[...], length) }

    func read(into buffer: WipedBuffer) {
        buffer.append(contentsOf: rest.prefix(length))
        rest = rest.dropFirst(length)
    }
}

/// Rows that are made when they are asked for.
final class MadeRows: ByteSource {
    private let header: String
    private let row: (Int) -> String
    private let count: Int
    private var number = 0
    private(set) var given = 0

    init(_ header: String, count: Int, _ row: @escaping (Int) -> String) {
        (self.header, self.count, self.row) = (header, count, row)
    }

    func read(into buffer: WipedBuffer) {
        let before = buffer.count
        if number == 0 { buffer.append(contentsOf: header.utf8) }
        while number < count, buffer.count - before < 1 << 14 {
            number += 1
            buffer.append(contentsOf: row(number).utf8)
        }
        given += buffer.count - before
    }
}

enum SampleRoster {
    static let entries = [
        RosterEntry(
            account: "alice", issuer: "Example", owner: "Alice Adams", email: "alice@example.com",
            department: "Operations, night", serial: "12345678", slot: 2, profile: "hes-3.8"),
        RosterEntry(account: "боб", copy: 1, owner: "Боб \"Бобер\" Боков"),
        RosterEntry(account: "боб", copy: 2, owner: "Боб \"Бобер\" Боков"),
        RosterEntry(account: "曉明", owner: "王曉明", department: "財務"),
    ]

    static func table(_ separator: String, lineEnd: String = "\n") -> String {
        let rows = [
            ["Account", "Issuer", "E-Mail", "Full name", "Department", "Serial number", "Slot", "Profile", "Quantity"],
            [
                "alice", "Example", "alice@example.com", "Alice Adams", "\"Operations, night\"", "12345678", "2",
                "hes-3.8", "1",
            ],
            ["боб", "", "", "\"Боб \"\"Бобер\"\" Боков\"", "", "", "", "", "2"],
            ["曉明", "", "", "王曉明", "財務", "", "", "", ""],
        ]
        return rows.map { $0.joined(separator: separator) + lineEnd }.joined()
    }

    static let objects = [
        #"{"account":"alice","issuer":"Example","email":"alice@example.com","name":"Alice Adams","#
            + #""department":"Operations, night","serial":12345678,"slot":2,"profile":"hes-3.8"}"#,
        #"{"account":"боб","name":"Боб \"Бобер\" Боков","quantity":"2","slot":null}"#,
        #"{"account":"\u66c9明","name":"王曉明","department":"財務","issuer":""}"#,
    ]

    static let list = "[" + objects.joined(separator: ", ") + "]\n"
    static let lines = objects.joined(separator: "\n") + "\n"
}
