import SecretFormats
import SheetJobs
import TestSupport
import Testing

/// Pages that are not let out, and names that want to be more than names.
@Suite struct RefusedPageTests {
    private func pdf(_ lines: String, _ entries: [SheetEntry], _ medium: Medium = .paper(.a4)) throws -> [UInt8] {
        try Drawn.pdf(text: "keyprov-template 1\n" + lines, entries, medium: medium)
    }

    @Test func `A code that something is drawn over is refused, with the number of its entry`() throws {
        let entries = try [Sample.entry(1), Sample.entry(2)]
        #expect(throws: SheetFailure(.codeUnreadable, entry: 1)) {
            try pdf("qr x=20 y=20 w=40\ntext x=22 y=24 w=60 h=40 size=90 bold \"XXX\"", entries)
        }
        // Only the second one is covered.
        var second = entries[1]
        second.texts[.slot] = "XXX"
        var first = entries[0]
        first.texts[.slot] = nil
        #expect(throws: SheetFailure(.codeUnreadable, entry: 2)) {
            try pdf("qr x=20 y=20 w=40\ntext x=22 y=24 w=60 h=40 size=90 bold \"{slot}\"", [first, second])
        }
    }

    @Test func `A second code in the quiet zone is refused`() throws {
        #expect(throws: SheetFailure(.codeUnreadable, entry: 1)) {
            try pdf("qr x=20 y=20 w=60\nqr x=30 y=30 w=60", [try Sample.entry(1)])
        }
    }

    @Test func `A code without room is refused`() throws {
        #expect(throws: SheetFailure(.codeTooSmall, entry: 1)) {
            try pdf("qr x=20 y=20 w=8", [try Sample.entry(1)])
        }
        let roll = try #require(Medium.named("DK-11204"))
        #expect(throws: SheetFailure(.codeTooSmall, entry: 1)) {
            try Drawn.pdf(text: "keyprov-template 1\nlayout label\nqr x=1 y=1 h=9", [try Sample.entry(1)], medium: roll)
        }
    }

    @Test func `A secret is never cut off`() throws {
        #expect(throws: SheetFailure(.secretTooLong, entry: 1)) {
            try pdf("text x=20 y=20 w=10 h=3 \"{secret}\"", [try Sample.entry(1)])
        }
    }

    @Test func `Labels and pages are not mixed up`() throws {
        let labels = try #require(Medium.named("L7160"))
        #expect(throws: SheetFailure(.medium)) { try Drawn.pdf(.sheet, [try Sample.entry(1)], medium: labels) }
        #expect(throws: SheetFailure(.medium)) { try Drawn.pdf(.label, [try Sample.entry(1)]) }
        #expect(throws: SheetFailure(.medium)) { try pdf("layout list\nframe x=1 y=1", [try Sample.entry(1)]) }
    }

    private static let logos: [[UInt8]] = [
        Array("no picture".utf8), Array("<svg".utf8),
        // A PNG that says it has 50,000 pixels a side.
        [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0xC3, 0x50, 0, 0,
            0xC3, 0x50, 8, 2,
        ],
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
    ]

    @Test(arguments: logos) func `A logo that is no picture is refused`(_ logo: [UInt8]) throws {
        let job = SheetJob(
            medium: .paper(.a4), template: Array(BuiltInTemplate.sheet.text.utf8), logo: logo, total: 1,
            unixTime: Sample.unixTime)
        #expect(throws: SheetFailure(.logo)) { try Drawn.documents(job, [try Sample.entry(1)]) }
    }

    @Test func `A logo in SVG is drawn, and loads nothing from elsewhere`() throws {
        let svg = """
            <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">
            <rect width="40" height="20"/><image xlink:href="file:///etc/hostname" width="9" height="9"/></svg>
            """
        let job = SheetJob(
            medium: .paper(.a4), template: Array("keyprov-template 1\nlogo x=20 y=20 w=40 h=20".utf8),
            logo: Array(svg.utf8), total: 1, unixTime: Sample.unixTime)
        let pdf = try #require(try Drawn.documents(job, [SheetEntry()]).first)
        let picture = try GrayPicture(of: pdf, dpi: 100)
        #expect(picture.isDark(Int(40 / 25.4 * 100), Int(30 / 25.4 * 100)))
        #expect(!picture.isDark(Int(70 / 25.4 * 100), Int(30 / 25.4 * 100)))
    }

    private static let hostile = [
        String(repeating: "Wolfeschlegelsteinhausen ", count: 400),
        String(repeating: "X", count: 10_000),
        "Ada \u{202E}ecalevoL\u{2066} end",
        "tab\tbell\u{7}null\u{0}line\u{2028}para\u{2029}\u{1B}[31mred",
        "<b>Bobby</b> &amp; <span size='999999'>huge</span> <!--",
        String(repeating: "Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}", count: 90),
        "\u{10FFFF}\u{E000}\u{FFFE}", "\u{FEFF}\u{200F}\u{061C}", "{secret} {$title} %s \\n",
    ]

    @Test(arguments: hostile) func `A name is a name, whatever is in it`(_ name: String) throws {
        var entry = try Sample.entry(1, owner: name)
        for other in [SheetEntry.Name.issuer, .account, .model, .serial, .slot, .contact, .address] {
            entry.texts[other] = name
        }
        entry.fields.append(.init(label: name, value: .text(name)))
        for template in BuiltInTemplate.allCases {
            let medium = template == .label ? Medium.named("L7160") : .paper(.a4)
            let pdf = try Drawn.pdf(template, [entry], medium: try #require(medium))
            let picture = try GrayPicture(of: pdf, dpi: 100)
            // Nothing runs over: the margins stay white, but for the line to fold at.
            for y in 0..<picture.height {
                let isFold = (0..<8).contains { picture.isDark($0, y) }
                #expect(isFold || !(0..<16).contains { picture.isDark($0, y) }, "\(template) \(y)")
            }
            for x in 0..<picture.width { #expect(!picture.isDark(x, picture.height - 8), "\(template) \(x)") }
        }
    }

    @Test func `Markup and braces in a name are printed as they are`() throws {
        let name = "<b>B</b> & {secret}"
        let pdf = try Drawn.pdf(.sheet, [try Sample.entry(1, owner: name)])
        let text = try withTemporaryFile(pdf, extension: "pdf") { path in
            String(decoding: try required("pdftotext").run(["-layout", path, "-"]), as: UTF8.self)
        }
        #expect(text.contains(name))
    }
}
