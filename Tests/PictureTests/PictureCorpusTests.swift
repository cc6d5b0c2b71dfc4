import ByteBuffers
import Foundation
import PictureExchange
import PictureReader
import TestSupport
import Testing

@Suite(.enabled(if: PictureCorpus.obstacle == nil, "\(PictureCorpus.obstacle ?? "")"))
struct PictureCorpusTests {
    /// Those that the first pass does not read are what the others are for.
    @Test func `Every picture of the corpus is read, and nothing but what its codes hold`() throws {
        let corpus = try #require(PictureCorpus.shared)
        #expect(corpus.pictures.count > 45)
        for picture in corpus.pictures {
            let texts = try Self.read(corpus.bytes(picture))
            #expect(texts.sorted() == picture.texts.sorted(), "\(picture.file)")
        }
    }

    /// The other reader of the same library takes one pass; so this tells what the passes are worth.
    @Test(.enabled(if: OutsideProgram.isInstalled("zbarimg"), "zbarimg is not installed"))
    func `zbarimg gives up dark and noisy pictures`() throws {
        let corpus = try #require(PictureCorpus.shared)
        let zbarimg = try #require(OutsideProgram("zbarimg"))
        var unread: Set<String> = []
        for picture in corpus.pictures where !picture.file.hasSuffix(".pdf") {
            let path = corpus.folder.appendingPathComponent(picture.file).path
            let output = try? zbarimg.run(["--quiet", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", path])
            let texts = String(decoding: output ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
            if texts.sorted() != picture.texts.sorted() { unread.insert(picture.treatment) }
        }
        #expect(
            unread.isSuperset(of: ["dark page", "dark, no quiet zone", "noise", "server's code on a black page"]),
            "\(unread)")
    }

    private static func read(_ bytes: [UInt8]) throws -> [String] {
        do throws(PictureFailure) {
            return try WipedBuffer(bytes).withBytes { (bytes: RawSpan) throws(PictureFailure) in
                try PictureReader.read(bytes)
            }.map { code in code.withBytes { String(decoding: $0) } }
        } catch {
            return ["failed with \(error.code.rawValue)"]
        }
    }
}
