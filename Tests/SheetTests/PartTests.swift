import ByteBuffers
import SheetJobs
import TestSupport
import Testing

@testable import EnrollmentSheets

/// Jobs are cut where a page ends, so that parts that are drawn apart are what one renderer would have drawn.
@Suite struct PartTests {
    struct Cut: Sendable, CustomTestStringConvertible {
        let template: BuiltInTemplate
        var medium = "A4"
        var secrecy = SheetJob.Secrecy.whole
        var skipped = 0
        let lengths: [Int]
        var testDescription: String { "\(template) \(medium) \(secrecy) \(skipped)" }
    }

    static let cuts = [
        Cut(template: .sheet, lengths: [64, 64, 64]),
        Cut(template: .letter, secrecy: .split, lengths: [64, 64, 64]),
        // Three rows of seven: 84 are four sheets.
        Cut(template: .label, medium: "L7160", secrecy: .none, lengths: [84, 84, 84]),
        Cut(template: .label, medium: "L7160", secrecy: .none, skipped: 25, lengths: [80, 84, 84]),
        Cut(template: .label, medium: "L7163", secrecy: .split, skipped: 4, lengths: [68, 70, 70]),
        Cut(template: .label, medium: "L7163", secrecy: .split, skipped: 5, lengths: [.max]),
        Cut(template: .label, medium: "99012", lengths: [64, 64, 64]),
        // 27 rows a page.
        Cut(template: .inventory, secrecy: .none, lengths: [81, 81, 81]),
    ]

    private static func job(_ cut: Cut, total: Int) throws -> SheetJob {
        SheetJob(
            medium: try #require(Medium.named(cut.medium)), template: Array(cut.template.text.utf8), total: total,
            secrecy: cut.secrecy, skippedLabels: cut.skipped, unixTime: Sample.unixTime)
    }

    @Test(arguments: cuts) func `Parts end where a page ends`(_ cut: Cut) throws {
        let parts = try SheetParts(Self.job(cut, total: 200))
        #expect(cut.lengths.indices.map { parts.part($0).length } == cut.lengths)
        #expect(parts.count(of: 0) == 1 && parts.count(of: 1) == 1 && parts.count(of: cut.lengths[0]) == 1)
        guard cut.lengths.count > 1 else { return }
        #expect(parts.count(of: cut.lengths[0] + 1) == 2)
        #expect(parts.count(of: cut.lengths[0] + cut.lengths[1]) == 2)
        #expect(parts.part(2).part.entriesBefore == cut.lengths[0] + cut.lengths[1])
    }

    /// Against a renderer that draws all in one go: the same marks at the same places on the same pages.
    @Test(arguments: cuts) func `Parts are the pages of the whole`(_ cut: Cut) throws {
        let count = min(cut.lengths[0], 84) + 30
        let entries = try (1...count).map { number in
            var entry = try Sample.entry(number)
            if cut.secrecy == .none { (entry.secret, entry.uri, entry.codes) = (nil, nil, []) }
            return entry
        }
        let job = try Self.job(cut, total: count)
        let cutApart = try #require(try Drawn.documents(job, entries).first)
        let assembly = PDFAssembly()
        var whole: [UInt8] = []
        for output in try Drawn.outputs(job, SheetPart(), entries) {
            switch output {
            case .codes(let stream): assembly.add(codes: stream)
            case .block(let block): whole += try assembly.add(block).withBytes { [UInt8](copying: $0) }
            case .documentEnd: break
            }
        }
        try assembly.endPart()
        try assembly.end { block in whole += block.withBytes { [UInt8](copying: $0) } }
        let texts = try [cutApart, whole].map { pdf in
            try withTemporaryFile(pdf, extension: "pdf") { path in
                _ = try required("qpdf").run(["--check", path])
                return try required("pdftotext").run(["-bbox", path, "-"])
            }
        }
        #expect(texts[0] == texts[1])
    }

    @Test func `A failure names the entry, whatever part it is in`() throws {
        let entry = try Sample.entry(1)
        let failing = SheetJob(
            medium: .paper(.a4), template: Array("keyprov-template 1\nqr x=1 y=1 w=8".utf8), total: 200,
            unixTime: Sample.unixTime)
        #expect(throws: SheetFailure(.codeTooSmall, entry: 130)) {
            try Drawn.outputs(failing, SheetPart(entriesBefore: 129, pagesBefore: 129), [entry])
        }
    }

    @Test func `A part arrives as it was sent, and a damaged one is an error`() throws {
        let sent = SheetPart(entriesBefore: 128, pagesBefore: 256)
        let buffer = WipedBuffer()
        sent.append(to: buffer)
        let bytes = Array(buffer.withBytes { [UInt8](copying: $0) }.dropFirst(SheetFrame.headerLength))
        func parse(_ bytes: [UInt8]) throws(SheetWireError) -> SheetPart {
            try WipedBuffer(bytes).withBytes { bytes throws(SheetWireError) in try SheetPart(parsing: bytes) }
        }
        #expect(try parse(bytes) == sent)
        for length in 0..<bytes.count {
            #expect(throws: SheetWireError.self, "\(length)") { try parse(Array(bytes.prefix(length))) }
        }
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<2_000 { _ = try? parse(mutated(bytes, using: &generator)) }
    }
}

@Suite struct SurfaceNameTests {
    private func renumbered(_ text: String) -> String {
        SurfaceNames.renumbered(WipedBuffer(text.utf8)).withBytes { String(decoding: $0) }
    }

    @Test func `Surfaces are numbered by the file they are in`() {
        #expect(
            renumbered("<g id=\"surface81\"><use href=\"#surface9\"/>surface81")
                == "<g id=\"surface1\"><use href=\"#surface2\"/>surface1")
        for text in ["", "surface", "ssurfac surface-1", "no such thing"] { #expect(renumbered(text) == text) }
        #expect(renumbered("surface7") == "surface1")
        #expect(renumbered("ssurface7s") == "ssurface1s")
    }
}
