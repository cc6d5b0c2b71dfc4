import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@testable import Sealing

/// Payloads put together chunk by chunk, also in ways that no writer does.
struct ChunkTests {
    private let identity: AgeIdentity
    private let header: [UInt8]
    private let payloadKey: Secret

    init() throws {
        identity = try AgeIdentity.generate(from: SystemRandom())
        let fileKey = try FileKey(from: SystemRandom())
        let text = WipedBuffer()
        try Header.write(fileKey, for: .recipients([identity.recipient]), random: SystemRandom(), into: text)
        let nonce = [UInt8](repeating: 9, count: 16)
        text.append(contentsOf: nonce)
        header = text.withBytes { [UInt8](copying: $0) }
        payloadKey = try fileKey.payloadKey(nonce: nonce)
    }

    private static let full = [UInt8](repeating: 1, count: 65_536)

    private func chunk(_ number: UInt64, _ contents: [UInt8], last: Bool = false) throws -> [UInt8] {
        let sealed = WipedBuffer()
        try WipedBuffer(contents).withBytes { (bytes: RawSpan) throws(CryptoError) in
            try AEAD.chaCha20Poly1305.seal(
                bytes, key: payloadKey, nonce: ChunkNonce.bytes(number: number, isLast: last), into: sealed)
        }
        return sealed.withBytes { [UInt8](copying: $0) }
    }

    private func open(_ chunks: [[UInt8]]) throws(SealError) -> [UInt8] {
        try SealingTests.open(header + chunks.joined(), .identities([identity]))
    }

    @Test func `A last chunk may be full, and one that is short follows full ones`() throws {
        #expect(try open([chunk(0, Self.full, last: true)]) == Self.full)
        #expect(try open([chunk(0, Self.full), chunk(1, [1], last: true)]) == Self.full + [1])
        #expect(try open([chunk(0, [], last: true)]).isEmpty)
    }

    @Test func `An empty chunk stands alone or not at all`() throws {
        #expect(throws: SealError.changedChunk(2)) { try open([chunk(0, Self.full), chunk(1, [], last: true)]) }
    }

    @Test func `A file without its last chunk is cut off`() throws {
        #expect(throws: SealError.truncated) { try open([]) }
        #expect(throws: SealError.truncated) { try open([chunk(0, Self.full)]) }
        #expect(throws: SealError.truncated) { try open([chunk(0, Self.full), chunk(1, Self.full)]) }
        #expect(throws: SealError.changedChunk(1)) { try open([chunk(0, [1, 2, 3])]) }
    }

    @Test func `Chunks cannot change places, be left out or follow the last one`() throws {
        let (first, second, last) = (try chunk(0, Self.full), try chunk(1, Self.full), try chunk(2, [1], last: true))
        #expect(try open([first, second, last]).count == 131_073)
        #expect(throws: SealError.changedChunk(1)) { try open([second, first, last]) }
        #expect(throws: SealError.changedChunk(2)) { try open([first, last]) }
        #expect(throws: SealError.changedChunk(3)) { try open([first, second, last, last]) }
        #expect(throws: SealError.changedChunk(1)) {
            try open([chunk(0, Self.full, last: true), chunk(1, [1], last: true)])
        }
        #expect(throws: SealError.changedChunk(1)) { try open([chunk(0, [1, 2]), chunk(1, [1], last: true)]) }
    }

    @Test func `The number of a chunk is big-endian in eleven bytes`() {
        #expect(ChunkNonce.bytes(number: 0x0102, isLast: true) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1])
        #expect(ChunkNonce.bytes(number: .max, isLast: false) == [0, 0, 0] + [UInt8](repeating: 255, count: 8) + [0])
    }

    @Test(arguments: [0, 1, 47, 48, 65_535, 65_536, 65_537, 200_000], [false, true])
    func `What is sealed opens to the same`(length: Int, isArmored: Bool) throws {
        var generator = SeededGenerator(seed: UInt64(length))
        let contents = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let file = try seal(contents, .recipients([identity.recipient]), isArmored: isArmored)
        #expect(try SealingTests.open(file, .identities([identity])) == contents)
    }

    @Test func `A source that fails is no end of the file`() throws {
        final class Broken: ByteSource {
            func read(into buffer: WipedBuffer) throws(FormatError) { throw FormatError(.unreadable, "gone") }
        }
        #expect(throws: SealError.unreadable) {
            try SealedFileReader(Broken(), opening: .identities([identity]))
        }
    }
}
