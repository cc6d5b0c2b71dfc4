import SheetJobs
import Testing

@Suite struct LabelTests {
    private static let corner = "keyprov-template 1\nlayout label\nframe x=2 y=2 w=4 h=4 thickness=0.1"
    private static let dpi = 300
    /// Millimeters.
    private static let tolerance = 0.2

    private func pixel(_ millimeters: Double) -> Int { Int((millimeters / 25.4 * Double(Self.dpi)).rounded()) }
    private func millimeters(_ pixel: Int) -> Double { (Double(pixel) + 0.5) / Double(Self.dpi) * 25.4 }

    @Test(arguments: LabelStock.all)
    func `Each label stands where the stock has it`(_ stock: LabelStock) throws {
        let entries = (0..<stock.count).map { _ in SheetEntry() }
        let pdf = try Drawn.pdf(text: Self.corner, entries, medium: .labels(stock))
        let picture = try GrayPicture(of: pdf, dpi: Self.dpi)
        #expect(abs(millimeters(picture.width) - stock.pageWidth) < Self.tolerance)
        #expect(abs(millimeters(picture.height) - stock.pageHeight) < Self.tolerance)
        for index in 0..<stock.count {
            let origin = stock.origin(index)
            // Along a line through the middle of the square, from 1 mm before it.
            let x = (pixel(origin.x + 1)..<pixel(origin.x + 4)).first { picture.isDark($0, pixel(origin.y + 4)) }
            let y = (pixel(origin.y + 1)..<pixel(origin.y + 4)).first { picture.isDark(pixel(origin.x + 4), $0) }
            let found = try (#require(x, "\(index)"), #require(y, "\(index)"))
            #expect(abs(millimeters(found.0) - origin.x - 2) < Self.tolerance, "\(index)")
            #expect(abs(millimeters(found.1) - origin.y - 2) < Self.tolerance, "\(index)")
        }
    }

    /// `labels.xml` of LibreOffice, hundredths of a millimeter: pitch across and down, width, height, left, top.
    private static let libreOffice: [String: [Double]] = [
        "L4732": [3810, 1693, 3556, 1693, 1102, 1299], "L4736": [4826, 2117, 4572, 2117, 975, 2141],
        "3475": [7000, 3600, 7000, 3600, 0, 443], "L7651": [4064, 2117, 3810, 2117, 467, 1090],
        "L7160": [6604, 3810, 6350, 3810, 720, 1515], "L7162": [10160, 3387, 9906, 3387, 467, 1302],
        "L7163": [10160, 3810, 9906, 3810, 467, 1515], "5160": [6985, 2540, 6668, 2540, 478, 1270],
        "5161": [10636, 2540, 10160, 2540, 396, 1270], "5163": [10636, 5080, 10160, 5080, 396, 1270],
        "5167": [5240, 1270, 4445, 1270, 714, 1270],
    ]
    /// glabels-data 3.4 for Dymo, brother_ql for Brother, millimeters: the long side first.
    private static let rolls: [String: [Double]] = [
        "11352": [54, 25], "11354": [57, 32], "99010": [89, 28], "99012": [89, 36], "99014": [101, 54],
        "DK-11201": [90, 29], "DK-11204": [54, 17], "DK-11209": [62, 29],
    ]

    @Test(arguments: LabelStock.all)
    func `The last label of a sheet is where other programs have it`(_ stock: LabelStock) throws {
        guard stock.paper != nil else {
            #expect(Self.rolls[stock.number] == [stock.width, stock.height])
            return
        }
        let theirs = try #require(Self.libreOffice[stock.number]).map { $0 / 100 }
        let last = stock.origin(stock.count - 1)
        #expect(abs(last.x - theirs[4] - Double(stock.columns - 1) * theirs[0]) < Self.tolerance)
        #expect(abs(last.y - theirs[5] - Double(stock.rows - 1) * theirs[1]) < Self.tolerance)
        #expect(abs(stock.width - theirs[2]) < Self.tolerance && abs(stock.height - theirs[3]) < Self.tolerance)
        #expect(abs(stock.left - theirs[4]) < Self.tolerance && abs(stock.top - theirs[5]) < Self.tolerance)
    }

    @Test(arguments: LabelStock.all) func `The labels of a sheet are on it and beside each other`(_ stock: LabelStock) {
        #expect(stock.pitchX >= stock.width - 0.01 && stock.pitchY >= stock.height - 0.01)
        let last = stock.origin(stock.count - 1)
        #expect(stock.left >= 0 && last.x + stock.width <= stock.pageWidth + 0.2)
        #expect(stock.top >= 0 && last.y + stock.height <= stock.pageHeight + 0.2)
    }

    @Test func `Labels that are gone are passed over, and the next sheet begins at its first`() throws {
        let stock = try #require(LabelStock.all.first { $0.number == "L7163" })
        let job = SheetJob(
            medium: .labels(stock), template: Array(Self.corner.utf8), total: 3, skippedLabels: 12,
            unixTime: Sample.unixTime)
        let pdf = try #require(try Drawn.documents(job, [SheetEntry(), SheetEntry(), SheetEntry()]).first)
        let first = try GrayPicture(page: 1, of: pdf, dpi: 100)
        let second = try GrayPicture(page: 2, of: pdf, dpi: 100)
        func has(_ picture: GrayPicture, _ index: Int) -> Bool {
            let origin = stock.origin(index)
            let (left, top) = (Int(origin.x / 25.4 * 100), Int(origin.y / 25.4 * 100))
            return (left..<left + 40).contains { x in (top..<top + 40).contains { picture.isDark(x, $0) } }
        }
        #expect((0..<14).filter { has(first, $0) } == [12, 13])
        #expect((0..<14).filter { has(second, $0) } == [0])
    }

    @Test func `Every label of a sheet with secrets is read back`() throws {
        let stock = try #require(Medium.named("L7160"))
        let entries = try (0..<21).map { try Sample.entry($0) }
        let pdf = try Drawn.pdf(.label, entries, medium: stock)
        #expect(!pdf.isEmpty)
    }
}
