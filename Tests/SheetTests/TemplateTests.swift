import SheetJobs
import TestSupport
import Testing

@Suite struct TemplateTests {
    @Test(arguments: BuiltInTemplate.allCases, SheetLanguage.allCases)
    func `Each template that comes with the program is one`(_ template: BuiltInTemplate, _ language: SheetLanguage)
        throws
    {
        let parsed = try Template(parsing: Array(template.text.utf8), language: language)
        #expect(!parsed.elements.isEmpty)
        #expect(!parsed.title.isEmpty)
    }

    private static let mistakes: [(text: String, line: Int, reason: TemplateError.Reason)] = [
        ("", 1, .noHeader),
        ("layout page", 1, .noHeader),
        ("keyprov-template 2", 1, .noHeader),
        ("keyprov-template 1", 1, .empty),
        ("# mine\nkeyprov-template 1\nlayout page\nlayout page", 4, .duplicate("layout")),
        ("keyprov-template 1\nlayout cube", 2, .unknownWord("cube", of: ["page", "label", "list"])),
        ("keyprov-template 1\nlanguage it", 2, .unknownWord("it", of: ["en", "de", "fr", "uk"])),
        ("keyprov-template 1\ncircle x=1 y=1", 2, .unknownStatement("circle")),
        ("keyprov-template 1\n\n\nqr x=1 y=1 color=red", 4, .unknownKey("color")),
        ("keyprov-template 1\nqr x=1", 2, .missing("y")),
        ("keyprov-template 1\nqr x=1 x=2 y=1", 2, .duplicate("x")),
        ("keyprov-template 1\nqr x=one y=1", 2, .notALength("x")),
        ("keyprov-template 1\nqr x=0x10 y=1", 2, .notALength("x")),
        ("keyprov-template 1\nqr x=1e9 y=1", 2, .notALength("x")),
        ("keyprov-template 1\nqr x=1 y=nan", 2, .notALength("y")),
        ("keyprov-template 1\nqr x=1 y=50%50", 2, .notALength("y")),
        ("keyprov-template 1\nqr x=1 y=1 w=10000000", 2, .outOfRange("w", lowest: -2000, highest: 2000)),
        ("keyprov-template 1\nqr x=101% y=1", 2, .outOfRange("x (%)", lowest: 0, highest: 100)),
        ("keyprov-template 1\ntext x=1 y=1 size=10000 \"a\"", 2, .outOfRange("size", lowest: 3, highest: 200)),
        ("keyprov-template 1\ntext x=1 y=1", 2, .missing("text")),
        ("keyprov-template 1\nqr x=1 y=1 \"a\"", 2, .unexpectedText),
        ("keyprov-template 1\ntext x=1 y=1 \"a", 2, .unclosedQuote),
        ("keyprov-template 1\ntext x=1 y=1 \"{owner\"", 2, .unclosedBrace),
        ("keyprov-template 1\ntext x=1 y=1 \"{password}\"", 2, .unknownName("password")),
        ("keyprov-template 1\ntext x=1 y=1 \"{$hello}\"", 2, .unknownName("$hello")),
        ("keyprov-template 1\nrows x=1 y=1 names=owner,secret", 2, .unknownName("secret")),
        ("keyprov-template 1\ntable x=1 y=1", 2, .missing("columns")),
        ("keyprov-template 1\ntitle \"{owner}\"", 2, .unexpectedText),
        ("keyprov-template 1\nqr x=1 y=1 part=half", 2, .unknownWord("half", of: ["all", "secret", "rest", "open"])),
        ("keyprov-template 1\nqr x=1 y=1 if=rain", 2, .unknownName("rain")),
    ]

    @Test func `A mistake is told with its line and reason`() {
        for mistake in Self.mistakes {
            #expect(throws: TemplateError(line: mistake.line, reason: mistake.reason), "\(mistake.text)") {
                try Template(parsing: Array(mistake.text.utf8), language: .english)
            }
        }
    }

    @Test func `Bytes that are no text, and a text without end, are refused`() {
        #expect(throws: TemplateError(line: 1, reason: .notUTF8)) {
            try Template(parsing: [0xFF, 0xFE], language: .english)
        }
        #expect(throws: TemplateError(line: 1, reason: .tooLong(limit: Template.longest))) {
            try Template(parsing: Array(repeating: 0x20, count: Template.longest + 1), language: .english)
        }
    }

    @Test func `Lengths count from the near edge, from the far one, or in percent`() throws {
        let text = """
            keyprov-template 1
            frame x=10 y=-20 w=-30 h=5
            frame x=50%+4 y=25% w=50% h=10%-1
            """
        let elements = try Template(parsing: Array(text.utf8), language: .english).elements
        let boxes = elements.map { $0.box.resolved(width: 200, height: 100) }
        #expect(
            boxes == [
                Rectangle(x: 10, y: 80, width: 160, height: 5), Rectangle(x: 104, y: 25, width: 100, height: 9),
            ])
    }

    @Test(arguments: BuiltInTemplate.allCases)
    func `A damaged template is an error or another template, never a trap`(_ template: BuiltInTemplate) {
        let bytes = Array(template.text.utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            _ = try? Template(parsing: Array(bytes.prefix(length)), language: .german)
        }
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<2000 {
            var damaged = bytes
            for _ in 0..<3 {
                damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...127, using: &generator)
            }
            do throws(TemplateError) {
                _ = try Template(parsing: damaged, language: .french)
            } catch {
                #expect(error.line >= 1)
            }
        }
    }
}
