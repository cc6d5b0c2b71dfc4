import ByteBuffers
import SheetJobs
import TestSupport
import Testing

@testable import EnrollmentSheets

/// Pages get a stream more; whether the file is sound is for qpdf to say.
@Suite struct PDFAssemblyTests {
    /// In cairo's manner, with what could be taken for something else: a reference in a string, an end in a stream.
    private static let file = """
        %PDF-1.4
        %mark
        4 0 obj
        << /Length 5 0 R
        >>
        stream
        endobj
        q Q
        endstream
        endobj
        5 0 obj
           10
        endobj
        2 0 obj
        << /Type /Page % 1
           /Parent 1 0 R
           /MediaBox [ 0 0 100 100 ]
           /Contents 4 0 R
           /Resources << >>
        >>
        endobj
        1 0 obj
        << /Type /Pages
           /Kids [ 2 0 R ]
           /Count 1
        >>
        endobj
        6 0 obj
        << /Title (1 0 R \\) 1 0 R)
        >>
        endobj
        3 0 obj
        << /Type /Catalog
           /Pages 1 0 R
        >>
        endobj
        xref
        trailer
        << /Size 7
           /Root 3 0 R
           /Info 6 0 R
        >>

        """

    private static let stream = "q 0 0 10 10 re f Q"

    private static func assembled(_ parts: [[UInt8]], stream: String = stream) throws(SheetFailure) -> [UInt8] {
        let assembly = PDFAssembly()
        var file: [UInt8] = []
        for (number, part) in parts.enumerated() {
            let bytes = WipedBuffer(part)
            let added =
                number == 0 ? try assembly.add(bytes, stream: WipedBuffer(stream.utf8)) : try assembly.take(bytes)
            file += added.withBytes { [UInt8](copying: $0) }
        }
        return file + (try assembly.end(WipedBuffer())).withBytes { [UInt8](copying: $0) }
    }

    @Test func `A page gets its stream, strings stay, and qpdf finds nothing wrong`() throws {
        let file = try Self.assembled([Array(Self.file.utf8)])
        let text = String(decoding: file, as: UTF8.self)
        #expect(text.contains("/Contents [ 3 0 R 1 0 R ]"))
        #expect(text.contains("3 0 obj\n<< /Length 18 >>\nstream\n\(Self.stream)\nendstream"))
        #expect(text.contains("/Title (1 0 R \\) 1 0 R)"))
        _ = try withTemporaryFile(file, extension: "pdf") { path in try required("qpdf").run(["--check", path]) }
    }

    @Test func `It makes no difference where the bytes are cut`() throws {
        let bytes = Array(Self.file.utf8)
        let whole = try Self.assembled([bytes])
        for place in bytes.indices {
            #expect(try Self.assembled([Array(bytes[..<place]), Array(bytes[place...])]) == whole, "\(place)")
        }
    }

    @Test func `A file that breaks off is an error`() throws {
        let bytes = Array(Self.file.utf8)
        let table = try #require(Self.file.firstRange(of: "xref"))
        for length in 0..<Self.file.utf8.distance(from: Self.file.startIndex, to: table.lowerBound) {
            #expect(throws: SheetFailure(.drawing), "\(length)") { try Self.assembled([Array(bytes[..<length])]) }
        }
    }

    @Test func `A changed file is an error or another file, never a trap`() throws {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<2_000 { _ = try? Self.assembled([mutated(Array(Self.file.utf8), using: &generator)]) }
    }

    @Test func `A code whose page does not come is an error`() {
        #expect(throws: SheetFailure(.drawing)) {
            try Self.assembled([Array(Self.file.replacing("/Page ", with: "/Leaf ").utf8)])
        }
    }
}
