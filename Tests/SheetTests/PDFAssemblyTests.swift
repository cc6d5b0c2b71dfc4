import ByteBuffers
import SheetJobs
import TestSupport
import Testing

/// Pages get a stream more, and parts become one file; whether it is sound is for qpdf to say.
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
        << /Producer (cairo)
           /Title (1 0 R \\) 1 0 R)
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

    /// - Parameter parts: each in the pieces in which it comes.
    private static func assembled(_ parts: [[[UInt8]]], stream: String = stream) throws -> [UInt8] {
        let assembly = PDFAssembly()
        var file: [UInt8] = []
        func append(_ block: WipedBuffer) { file += block.withBytes { [UInt8](copying: $0) } }
        for part in parts {
            assembly.add(codes: WipedBuffer(stream.utf8))
            for piece in part { append(try assembly.add(WipedBuffer(piece))) }
            try assembly.endPart()
        }
        try assembly.end(append)
        return file
    }

    @Test func `A page gets its stream, strings stay, and qpdf finds nothing wrong`() throws {
        let file = try Self.assembled([[Array(Self.file.utf8)]])
        let text = String(decoding: file, as: UTF8.self)
        #expect(text.contains("/Contents [ 5 0 R 3 0 R ]"))
        #expect(text.contains("5 0 obj\n<< /Length 18 >>\nstream\n\(Self.stream)\nendstream"))
        #expect(text.contains("/Title (1 0 R \\) 1 0 R)"))
        _ = try withTemporaryFile(file, extension: "pdf") { path in try required("qpdf").run(["--check", path]) }
    }

    @Test func `Parts are one file, with the properties of the first`() throws {
        let bytes = Array(Self.file.utf8)
        let other = Array(Self.file.replacing("(1 0 R", with: "(other").utf8)
        let file = try Self.assembled([[bytes], [other], [bytes]])
        let text = String(decoding: file, as: UTF8.self)
        #expect(text.ranges(of: "/Type /Catalog").count == 1)
        #expect(text.ranges(of: "/Parent 1 0 R").count == 3)
        #expect(text.contains("(1 0 R") && !text.contains("(other"))
        #expect(text.hasPrefix("%PDF-1.4\n%mark\n") && text.ranges(of: "%PDF-").count == 1)
        let pages = try withTemporaryFile(file, extension: "pdf") { path in
            _ = try required("qpdf").run(["--check", path])
            return try required("qpdf").run(["--show-npages", path])
        }
        #expect(String(decoding: pages, as: UTF8.self) == "3\n")
    }

    @Test func `It makes no difference where the bytes are cut`() throws {
        let bytes = Array(Self.file.utf8)
        let whole = try Self.assembled([[bytes], [bytes]])
        for place in bytes.indices {
            #expect(
                try Self.assembled([[bytes], [Array(bytes[..<place]), Array(bytes[place...])]]) == whole, "\(place)")
        }
    }

    @Test func `A part that breaks off is an error`() throws {
        let bytes = Array(Self.file.utf8)
        let table = try #require(Self.file.firstRange(of: "xref"))
        for length in 0..<Self.file.utf8.distance(from: Self.file.startIndex, to: table.lowerBound) {
            let cut = Array(bytes[..<length])
            #expect(throws: SheetFailure(.drawing), "\(length)") { try Self.assembled([[cut]]) }
            #expect(throws: SheetFailure(.drawing), "\(length)") { try Self.assembled([[bytes], [cut]]) }
        }
    }

    @Test func `A part without its end is an error`() throws {
        let assembly = PDFAssembly()
        _ = try assembly.add(WipedBuffer(Self.file.utf8))
        #expect(throws: SheetFailure(.drawing)) { try assembly.end { _ in } }
        #expect(throws: SheetFailure(.drawing)) { try PDFAssembly().end { _ in } }
    }

    @Test func `An object that is spoken of and does not come is an error`() {
        let bytes = Array(Self.file.replacing("/Resources << >>", with: "/Resources 9 0 R").utf8)
        #expect(throws: SheetFailure(.drawing)) { try Self.assembled([[bytes]]) }
    }

    @Test func `A changed file is an error or another file, never a trap`() throws {
        var generator = SeededGenerator(seed: 8)
        let bytes = Array(Self.file.utf8)
        for _ in 0..<2_000 { _ = try? Self.assembled([[bytes], [mutated(bytes, using: &generator)]]) }
    }

    @Test func `A code whose page does not come is an error`() {
        let bytes = Array(Self.file.replacing("/Page ", with: "/Leaf ").utf8)
        #expect(throws: SheetFailure(.drawing)) { try Self.assembled([[bytes]]) }
    }
}
