import SheetJobs
import Testing

@testable import EnrollmentSheets

@Suite struct TextSetterTests {
    private let style: Template.TextStyle

    init() throws {
        let text = "keyprov-template 1\ntext x=1 y=1 size=12 bold \"a\""
        let template = try Template(parsing: Array(text.utf8), language: .english)
        guard case .text(let style, _)? = template.elements.first?.content else { throw SheetFailure(.template) }
        self.style = style
    }

    @Test func `A size is that of the style where there is room, and less where a word would break`() throws {
        let setter = try TextSetter()
        #expect(try setter.size(of: "Serial", style, width: 200, height: 40) == 12)
        let narrow = try setter.size(of: "Seriennummer", style, width: 40, height: 40)
        #expect(narrow < 12)
        let text = try setter.lines([.text("Seriennummer")], style, size: narrow, width: 40.5)
        let line = try setter.lines([.text("S")], style, size: narrow, width: 40.5)
        #expect(text.size.height == line.size.height)
        // Two words on two lines are no broken word.
        #expect(try setter.size(of: "Received by", style, width: 70, height: 40) == 12)
        #expect(try setter.size(of: "Received by", style, width: 70, height: 20) < 12)
    }

    @Test func `What is kept of texts that differ from page to page has an end`() throws {
        let setter = try TextSetter()
        let kept = try setter.fixed("label 1", style, width: 100, height: 20)
        #expect(try setter.fixed("label 1", style, width: 100, height: 20) === kept)
        for number in 2...600 { _ = try setter.fixed("label \(number)", style, width: 100, height: 20) }
        #expect(try setter.fixed("label 1", style, width: 100, height: 20) !== kept)
    }
}
