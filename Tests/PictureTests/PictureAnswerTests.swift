import ByteBuffers
import PictureExchange
import TestSupport
import Testing

@Suite struct PictureAnswerTests {
    private static let texts = [Array("otpauth://totp/a?secret=AAAA".utf8), [], Array(repeating: 0xFF, count: 300)]

    @Test func `What the codes hold comes back as it was`() throws {
        let codes = try #require(try? Self.decode(Self.bytes(.success(Self.texts.map { WipedBuffer($0) }))).get())
        #expect(codes.map { $0.withBytes { [UInt8](copying: $0) } } == Self.texts)
    }

    @Test func `A failure comes back with its numbers`() throws {
        let failure = PictureFailure(.tooManyPixels, 50_000, 49_999)
        let outcome = try Self.decode(Self.bytes(.failure(failure)))
        #expect(throws: failure) { try outcome.get() }
        #expect([failure.first, failure.second] == [50_000, 49_999])
    }

    @Test func `An answer that breaks off is none, wherever that is`() {
        for answer in [
            Self.bytes(.success(Self.texts.map { WipedBuffer($0) })), Self.bytes(.failure(PictureFailure(.noCode))),
        ] {
            for length in answer.indices {
                #expect(throws: PictureAnswer.Malformed.self) { try Self.decode(Array(answer[..<length])) }
            }
            #expect(throws: PictureAnswer.Malformed.self) { try Self.decode(answer + [0]) }
        }
    }

    @Test func `An answer with wrong bytes is an outcome or an error`() {
        var generator = SeededGenerator(seed: 7)
        let answer = Self.bytes(.success(Self.texts.map { WipedBuffer($0) }))
        var broken = 0
        for _ in 0..<2_000 {
            var mutated = answer
            mutated[Int.random(in: answer.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            if (try? Self.decode(mutated)) == nil { broken += 1 }
        }
        #expect(broken > 50)
    }

    private static func bytes(_ outcome: Result<[WipedBuffer], PictureFailure>) -> [UInt8] {
        PictureAnswer.encode(outcome).withBytes { [UInt8](copying: $0) }
    }

    private static func decode(
        _ bytes: [UInt8]
    ) throws(PictureAnswer.Malformed) -> Result<[WipedBuffer], PictureFailure> {
        try WipedBuffer(bytes).withBytes { (bytes: RawSpan) throws(PictureAnswer.Malformed) in
            try PictureAnswer.decode(bytes)
        }
    }
}
