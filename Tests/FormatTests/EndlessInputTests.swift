import ByteBuffers
import SecretFormats
import Testing

/// Input without an end: each format gives up before it holds more than it says.
@Suite struct EndlessInputTests {
    /// `start`, then one byte over and over, up to a length that no reader may take.
    private final class Endless: ByteSource {
        private var start: [UInt8]
        private let filling: UInt8
        private(set) var given = 0
        private static let blockLength = 1 << 16

        init(_ start: [UInt8], _ filling: UInt8) { (self.start, self.filling) = (start, filling) }

        func read(into buffer: WipedBuffer) throws(FormatError) {
            guard given < EndlessInputTests.tooMuch else { return }
            buffer.append(contentsOf: start)
            buffer.append(repeating: filling, count: Self.blockLength)
            given += start.count + Self.blockLength
            start = []
        }
    }

    private static let tooMuch = 1 << 27
    /// What a whole file may have, and one block more.
    private static let mostHeld = (64 << 20) + (1 << 20)

    struct Case: Sendable, CustomTestStringConvertible {
        let format: any SecretFormat
        let start: String
        let filling: Character
        var testDescription: String { "\(format.name) \(start) \(filling)" }

        static let all = FormatList.all.filter(\.isReadable).flatMap { format in
            [
                ("", "A"), ("{", " "), ("<", "a"), ("<a ", "a"), ("<a>", "a"), ("{\"", "a"), ("[", "["), ("a,", ","),
                ("\u{FEFF}#", "#"),
            ].map {
                Case(format: format, start: $0.0, filling: $0.1)
            }
        }
    }

    @Test(arguments: Case.all)
    func `128 MiB without a line break are refused early`(_ test: Case) throws {
        let source = Endless(Array(test.start.utf8), try #require(test.filling.asciiValue))
        #expect(throws: FormatError.self) {
            let reader = try test.format.reader(
                of: source, options: DecodingOptions(label: try Label(issuer: nil, account: "a")))
            while try reader.next() != nil {}
        }
        #expect(source.given <= Self.mostHeld, "\(source.given) bytes were read")
    }
}
