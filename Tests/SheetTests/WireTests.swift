import ByteBuffers
import SecretFormats
import SheetJobs
import TestSupport
import Testing

@Suite struct WireTests {
    private func payload(_ append: (WipedBuffer) -> Void) -> [UInt8] {
        let buffer = WipedBuffer()
        append(buffer)
        return Array(buffer.withBytes { [UInt8](copying: $0) }.dropFirst(SheetFrame.headerLength))
    }

    private func parse<Value>(
        _ bytes: [UInt8], _ body: (RawSpan) throws(SheetWireError) -> Value
    ) throws(SheetWireError) -> Value {
        try WipedBuffer(bytes).withBytes { bytes throws(SheetWireError) in try body(bytes) }
    }

    private var job: SheetJob {
        SheetJob(
            output: .svg, medium: .paper(.letter), language: .ukrainian, template: Array("t".utf8), logo: [1, 2],
            total: 7,
            secrecy: .split, skippedLabels: 3, unixTime: 5)
    }

    @Test func `A job arrives as it was sent`() throws {
        let sent = job
        let bytes = payload { sent.append(to: $0) }
        let arrived = try parse(bytes) { span throws(SheetWireError) in try SheetJob(parsing: span) }
        #expect(payload { arrived.append(to: $0) } == bytes)
        #expect(arrived.secrecy == .split && arrived.language == .ukrainian && arrived.unixTime == 5)
    }

    @Test func `An entry arrives as it was sent`() throws {
        var sent = try Sample.entry(1)
        sent.recovery = Sample.recoveryCodes()
        let bytes = payload { sent.append(to: $0) }
        let arrived = try parse(bytes) { span throws(SheetWireError) in try SheetEntry(parsing: span) }
        #expect(arrived.texts == sent.texts)
        #expect(arrived.codes == sent.codes)
        #expect(arrived.secret == sent.secret && arrived.uri == sent.uri && arrived.recovery == sent.recovery)
        #expect(payload { arrived.append(to: $0) } == bytes)
    }

    @Test(arguments: SheetFailure.Code.allCases)
    func `A failure arrives as it was sent`(_ code: SheetFailure.Code) throws {
        let bytes = payload { SheetFailure(code, entry: 12).append(to: $0) }
        let arrived = try parse(bytes) { span throws(SheetWireError) in try SheetFailure(parsing: span) }
        #expect(arrived == SheetFailure(code, entry: 12))
    }

    @Test func `A job that is cut short is refused at every length`() throws {
        let bytes = payload { job.append(to: $0) }
        for length in 0..<bytes.count {
            #expect(throws: SheetWireError.self) {
                try parse(Array(bytes.prefix(length))) { span throws(SheetWireError) in try SheetJob(parsing: span) }
            }
        }
    }

    /// A cut between two frames leaves a shorter entry, anywhere else an error.
    @Test func `Damage in an entry is an error or another entry, never a trap`() throws {
        let entry = try Sample.entry(2)
        let bytes = payload { entry.append(to: $0) }
        for length in 0..<bytes.count {
            _ = try? parse(Array(bytes.prefix(length))) { span throws(SheetWireError) in try SheetEntry(parsing: span) }
        }
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<3000 {
            var damaged = bytes
            damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            _ = try? parse(damaged) { span throws(SheetWireError) in try SheetEntry(parsing: span) }
            _ = try? parse(damaged) { span throws(SheetWireError) in try SheetJob(parsing: span) }
        }
    }

    @Test func `A frame that claims to be longer than any is refused`() {
        #expect(throws: SheetWireError(in: .entry)) {
            try parse([SheetTag.entry.rawValue, 0xFF, 0xFF, 0xFF, 0xFF]) { span throws(SheetWireError) in
                try SheetFrame.header(span)
            }
        }
    }
}
