import Foundation
import SheetJobs
import TestSupport
import Testing

/// Pages that were looked at, and found good. When a page is meant to change, look at what the test leaves in
/// `.build/golden`, and copy it to `Tests/SheetTests/Golden`.
@Suite struct GoldenTests {
    struct Page: Sendable, CustomTestStringConvertible {
        let name: String
        let template: BuiltInTemplate
        var medium = "A4"
        var language = SheetLanguage.english
        var secrecy = SheetJob.Secrecy.whole
        var testDescription: String { name }
    }

    static let pages = [
        Page(name: "sheet", template: .sheet),
        Page(name: "sheet-letter-uk", template: .sheet, medium: "Letter", language: .ukrainian),
        Page(name: "letter-de", template: .letter, language: .german),
        Page(name: "labels", template: .label, medium: "L7160", secrecy: .none),
        Page(name: "labels-secret", template: .label, medium: "5163"),
        Page(name: "inventory-fr", template: .inventory, language: .french, secrecy: .none),
    ]

    private static let dpi = 40
    /// Gray levels that a block of pixels may differ by, of 255: another version of a font moves edges by a part of a
    /// pixel, a text that is gone or elsewhere changes a block by far more.
    private static let tolerance = 40
    private static let block = 4

    @Test(arguments: pages) func `A page looks as it did when it was looked at`(_ page: Page) throws {
        let count = page.template == .sheet || page.template == .letter ? 1 : 10
        var entries = try (1...count).map { try Sample.entry($0) }
        if page.name == "sheet" { entries[0].recovery = Sample.recoveryCodes() }
        let pdf = try Drawn.pdf(
            page.template, entries, medium: try #require(Medium.named(page.medium)), language: page.language,
            secrecy: page.secrecy)
        let png = try withTemporaryFile(pdf, extension: "pdf") { path in
            try required("pdftoppm").run(["-r", String(Self.dpi), "-gray", "-png", "-l", "1", path])
        }
        let drawn = try GrayPicture(png: png)
        let golden = Bundle.module.url(forResource: page.name, withExtension: "png", subdirectory: "Golden")
        let expected = try golden.map { try GrayPicture(png: Array(Data(contentsOf: $0))) }
        if let expected, expected.width == drawn.width, expected.height == drawn.height,
            Self.largestDifference(drawn, expected) <= Self.tolerance
        {
            return
        }
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../.build/golden")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(png).write(to: folder.appendingPathComponent(page.name + ".png"))
        Issue.record("\(page.name): see .build/golden")
    }

    private static func largestDifference(_ left: GrayPicture, _ right: GrayPicture) -> Int {
        var largest = 0
        for top in stride(from: 0, to: left.height - block, by: block) {
            for start in stride(from: 0, to: left.width - block, by: block) {
                var difference = 0
                for y in top..<top + block {
                    for x in start..<start + block {
                        difference += Int(left.pixels[y * left.width + x]) - Int(right.pixels[y * left.width + x])
                    }
                }
                largest = max(largest, abs(difference) / (block * block))
            }
        }
        return largest
    }
}
