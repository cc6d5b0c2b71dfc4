import Foundation
import SecretFormats
import SheetJobs
import TestSupport
import Testing

/// What other programs find in the files.
@Suite struct PageTests {
    /// Words of the page in the order in which they stand, with single spaces.
    private func text(of pdf: [UInt8]) throws -> String {
        let output = try withTemporaryFile(pdf, extension: "pdf") { path in
            try required("pdftotext").run(["-layout", path, "-"])
        }
        return String(decoding: output, as: UTF8.self).split { $0.isWhitespace }.joined(separator: " ")
    }

    private func run(_ program: String, _ pdf: [UInt8], _ arguments: [String] = []) throws -> String {
        let output = try withTemporaryFile(pdf, extension: "pdf") { path in
            try required(program).run(arguments + [path])
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: Paper.all, SheetLanguage.allCases)
    func `The text of a sheet is what the entry says`(_ paper: Paper, _ language: SheetLanguage) throws {
        var entry = try Sample.entry(3, owner: "Ada Lovelace")
        entry.recovery = Sample.recoveryCodes()
        let pdf = try Drawn.pdf(.sheet, [entry], medium: .paper(paper), language: language)
        let found = try text(of: pdf)
        for name in [SheetEntry.Name.owner, .issuer, .account, .model, .serial, .date, .check, .contact] {
            let value = try #require(entry.texts[name])
            #expect(found.contains(value), "\(name)")
        }
        for field in entry.fields {
            switch field.value {
            case .text(let text): #expect(found.contains("\(field.label) \(text)"))
            case .secret(let secret): #expect(found.contains(secret.textForComparison))
            }
        }
        for expected in entry.codes { #expect(found.contains(expected.code)) }
        for code in entry.recovery { #expect(found.contains(code.textForComparison)) }
        #expect(found.contains(language.text(of: .title)))
    }

    @Test func `Names of many scripts come back as they were`() throws {
        // pdftotext orders the letters of a line from left to right, so names in Arabic and Hebrew are left to zbar's
        // neighbor below, the picture.
        for (number, name) in Sample.names.enumerated() where !["محمد علي", "דוד כהן"].contains(name) {
            let found = try text(of: Drawn.pdf(.sheet, [try Sample.entry(number, owner: name)]))
            #expect(
                found.precomposedStringWithCanonicalMapping.contains(name.precomposedStringWithCanonicalMapping),
                "\(name)")
        }
    }

    @Test func `Letters that a typeface would join come back one by one`() throws {
        let name = "Steffi Pfiffner, office on the first floor"
        #expect(try text(of: Drawn.pdf(.sheet, [try Sample.entry(1, owner: name)])).contains(name))
    }

    @Test(arguments: BuiltInTemplate.allCases)
    func `All fonts are embedded, and the file is sound and says nothing of anybody`(_ template: BuiltInTemplate) throws
    {
        let medium = template == .label ? Medium.named("L7160") : .paper(.a4)
        let entries = try (0..<3).map { try Sample.entry($0) }
        let pdf = try Drawn.pdf(template, entries, medium: try #require(medium))
        let fonts = try run("pdffonts", pdf).split(separator: "\n").dropFirst(2)
        #expect(!fonts.isEmpty)
        for font in fonts {
            // name type encoding emb sub uni object ID, from the right
            let words = font.split(separator: " ").suffix(5)
            #expect(words.first == "yes", "\(font)")
        }
        let info = try run("pdfinfo", pdf)
        for secret in entries.flatMap({ [$0.texts[.owner], $0.texts[.account], $0.texts[.serial]] }).compactMap(\.self)
        {
            #expect(!info.contains(secret))
        }
        for key in ["Author:", "Subject:", "Keywords:", "Creator:"] { #expect(!info.contains(key)) }
        #expect(info.contains("Sat Nov 21 00:00:00 2026") || info.contains("2026"))
        #expect(try run("qpdf", pdf, ["--check"]).contains("No syntax or stream encoding errors found"))
    }

    @Test(arguments: [150, 300]) func `zbarimg reads the code of every page`(_ dpi: Int) throws {
        let entries = try (0..<4).map { try Sample.entry($0, kind: $0 == 3 ? .hotp(counter: 9) : .totp(period: 60)) }
        for template in [BuiltInTemplate.sheet, .letter] {
            let pdf = try Drawn.pdf(template, entries)
            for (index, entry) in entries.enumerated() {
                let picture = try GrayPicture(page: index + 1, of: pdf, dpi: dpi)
                #expect(try picture.codes() == [entry.uri?.textForComparison])
            }
        }
    }

    @Test func `A code is read after a fold through it and a bad copy`() throws {
        let entry = try Sample.entry(5)
        var picture = try GrayPicture(of: Drawn.pdf(.sheet, [entry]), dpi: 300)
        // Through the middle of the code: 1 mm without toner, and as much gray around it.
        picture.fold(atRow: Int((148.5 + 40) / 25.4 * 300), width: 12)
        picture.photocopy(seed: 1)
        #expect(try picture.codes() == [entry.uri?.textForComparison])
    }

    @Test func `A split has the secret on the second page only`() throws {
        let entry = try Sample.entry(6)
        let pdf = try Drawn.pdf(.sheet, [entry], secrecy: .split)
        let secret = try #require(entry.secret?.textForComparison)
        let pages = try (1...2).map { page in
            String(
                decoding: try withTemporaryFile(pdf, extension: "pdf") { path in
                    try required("pdftotext").run(["-f", String(page), "-l", String(page), "-layout", path, "-"])
                }, as: UTF8.self)
        }
        let group = try #require(secret.split(separator: " ").first)
        #expect(!pages[0].contains(group))
        #expect(pages[1].contains(group))
        #expect(throws: OutsideProgram.Failure.self) { try GrayPicture(page: 1, of: pdf, dpi: 150).codes() }
        #expect(try GrayPicture(page: 2, of: pdf, dpi: 150).codes() == [entry.uri?.textForComparison])
        #expect(pages[0].contains("on the sheet with the secret"))
    }

    @Test func `The same job gives the same bytes`() throws {
        let entries = try (0..<2).map { try Sample.entry($0) }
        #expect(try Drawn.pdf(.sheet, entries) == Drawn.pdf(.sheet, entries))
    }

    @Test func `PNG and SVG are a picture for each page, and their codes read`() throws {
        let entries = try (0..<2).map { try Sample.entry($0) }
        var job = SheetJob(
            output: .png, medium: .paper(.a4), template: Array(BuiltInTemplate.sheet.text.utf8), total: 2,
            unixTime: Sample.unixTime)
        let pictures = try Drawn.documents(job, entries)
        #expect(pictures.count == 2)
        for (picture, entry) in zip(pictures, entries) {
            #expect(try GrayPicture(png: picture).codes() == [entry.uri?.textForComparison])
        }
        job.output = .svg
        let drawings = try Drawn.documents(job, entries)
        #expect(drawings.count == 2)
        for (drawing, entry) in zip(drawings, entries) {
            let png = try withTemporaryFile(drawing, extension: "svg") { path in
                try required("rsvg-convert").run([
                    "--dpi-x", "150", "--dpi-y", "150", "--background-color", "white", path,
                ])
            }
            #expect(try GrayPicture(png: png).codes() == [entry.uri?.textForComparison])
        }
    }
}
