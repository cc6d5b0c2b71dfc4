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
