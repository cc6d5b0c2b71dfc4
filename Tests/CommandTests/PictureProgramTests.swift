import ByteBuffers
import Foundation
import PictureExchange
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

/// Hostile pictures, given to the real program with its limits.
@Suite(.enabled(if: BuiltProgram.pictures != nil, "the program that reads pictures stands not beside the tests"))
struct PictureProgramTests {
    private static let text = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example"

    /// As the program does: one that ends before it has read all is an error, and no reason to vanish.
    init() { _ = signal(SIGPIPE, SIG_IGN) }

    @Test func `A code of our own comes back`() throws {
        #expect(try Self.read(Self.code()) == .success([Self.text]))
    }

    @Test(arguments: [(50_000, 50_000), (50_000, 1), (1, 50_000), (16_384, 16_384), (16_384, 4_097)])
    func `A picture of too many pixels is refused by its header, before there is room for them`(
        _ width: Int, _ height: Int
    ) throws {
        let outcome = try Self.read(PNGBomb.file(width: width, height: height))
        #expect(outcome == .failure(PictureError(.refused(PictureFailure(.tooManyPixels, width, height)), "picture")))
    }

    /// Each kind says its size in another place: a JPEG after the marker of its frame, the others near the start.
    @Test(
        .enabled(if: OutsideProgram.isInstalled("convert"), "convert is not installed"),
        arguments: ["jpg", "gif", "bmp"])
    func `A file of any kind that says it has 50,000 pixels a side is refused`(_ kind: String) throws {
        let convert = try #require(OutsideProgram("convert"))
        var picture = try withTemporaryFile(Self.code(), extension: "png") { try convert.run([$0, "\(kind):-"]) }
        let side = 50_000
        let (low, high) = (UInt8(side & 0xFF), UInt8(side >> 8))
        switch kind {
        case "gif": picture.replaceSubrange(6..<10, with: [low, high, low, high])
        case "bmp": picture.replaceSubrange(18..<26, with: [low, high, 0, 0, low, high, 0, 0])
        default:
            let frame = try #require((0..<picture.count - 9).first { Array(picture[$0..<$0 + 2]) == [0xFF, 0xC0] })
            picture.replaceSubrange(frame + 5..<frame + 9, with: [high, low, high, low])
        }
        let cause = Self.cause(try Self.read(picture))
        #expect(cause == .refused(PictureFailure(.tooManyPixels, side, side)))
    }

    /// 64 million black pixels in 65 kB.
    @Test func `A bomb within the limits gives no code, or takes more than it may, and nothing else happens`() throws {
        let outcome = try Self.read(PNGBomb.file(width: 16_384, height: 4_096, isWhole: true))
        #expect([.refused(PictureFailure(.noCode)), .ended, .late].contains(Self.cause(outcome)))
    }

    @Test func `A file that says it is of a kind, and is not, is damaged`() throws {
        for start in ["GIF89a", "%PDF-1.7\n", "RIFF\u{10}\u{10}\u{1}\u{1}WEBPVP8L", "GIF87a\u{1}\u{1}"] {
            let outcome = try Self.read(Array(start.utf8) + Array(repeating: 1, count: 500))
            #expect(Self.cause(outcome) == .refused(PictureFailure(.damaged)), "\(start)")
        }
        #expect(Self.cause(try Self.read(Array("BM and more".utf8))) == .refused(PictureFailure(.unknownKind)))
        #expect(Self.cause(try Self.read([])) == .refused(PictureFailure(.unknownKind)))
    }

    @Test func `A PDF of many pages is refused, and so is a page of a mile`() throws {
        let many = try Self.read(PDFBomb.file(pages: 33, side: 100))
        #expect(Self.cause(many) == .refused(PictureFailure(.tooManyPages, 33)))
        let large = try Self.read(PDFBomb.file(pages: 1, side: 4_000_000))
        guard case .refused(let failure)? = Self.cause(large) else { return #expect(Bool(false), "\(large)") }
        #expect(failure.code == .tooManyPixels)
        #expect(Self.cause(try Self.read(PDFBomb.file(pages: 1, side: 100))) == .refused(PictureFailure(.noCode)))
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("qpdf"), "qpdf is not installed"))
    func `A PDF that opens with a password only says so`() throws {
        let locked = try withTemporaryFile(PDFBomb.file(pages: 1, side: 100), extension: "pdf") { path in
            try #require(OutsideProgram("qpdf")).run(["--encrypt", "word", "word", "256", "--", path, "-"])
        }
        #expect(Self.cause(try Self.read(locked)) == .refused(PictureFailure(.encrypted)))
    }

    @Test func `A picture that breaks off or has wrong bytes is read, or is an error`() throws {
        var generator = SeededGenerator(seed: 11)
        let picture = try Self.code()
        for _ in 0..<60 {
            let outcome = try Self.read(mutated(picture, using: &generator))
            if case .success(let texts) = outcome { #expect(texts == [Self.text]) }
        }
        for length in stride(from: 0, to: picture.count, by: picture.count / 25) {
            let outcome = try Self.read(Array(picture[..<length]))
            if case .success(let texts) = outcome { #expect(texts == [Self.text], "\(length)") }
            if length < picture.count / 2 { #expect(Self.cause(outcome) != nil, "\(length)") }
        }
    }

    /// Each decoder is another library. The changes are near the start, where sizes and offsets stand.
    @Test(
        .enabled(if: OutsideProgram.isInstalled("convert"), "convert is not installed"),
        arguments: ["gif", "bmp", "webp", "jpg"])
    func `A broken file of any kind is read, or is an error`(_ kind: String) throws {
        let convert = try #require(OutsideProgram("convert"))
        let picture = try withTemporaryFile(Self.code(), extension: "png") { path in
            try convert.run([path, "\(kind):-"])
        }
        #expect(try Self.read(picture) == .success([Self.text]))
        var generator = SeededGenerator(seed: 23)
        for _ in 0..<15 {
            let outcome = try Self.read(mutated(Array(picture.prefix(400)), using: &generator) + picture.dropFirst(400))
            if case .success(let texts) = outcome { #expect(texts == [Self.text]) }
        }
        for part in 1...8 {
            let outcome = try Self.read(Array(picture.prefix(picture.count * part / 9)))
            if case .success(let texts) = outcome { #expect(texts == [Self.text], "\(part)") }
            if part < 5 { #expect(Self.cause(outcome) != nil, "\(part)") }
        }
    }

    @Test func `More than is read is refused`() throws {
        let long = Array("GIF89a".utf8) + [UInt8](repeating: 0, count: PictureLimits.fileLength)
        #expect(Self.cause(try Self.read(long)) == .refused(PictureFailure(.tooLong)))
    }

    @Test func `A program that answers nothing, breaks or does not end is an error`() throws {
        for (program, cause) in [
            ("/bin/true", PictureError.Cause.ended), ("/bin/false", .ended), ("/bin/cat", .ended),
            ("/nonexistent", .noProgram),
        ] {
            #expect(Self.cause(try Self.read(Self.code(), with: program)) == cause, "\(program)")
        }
        let secret = Secret(WipedBuffer(Array("x".utf8)))
        let sleeping = try #require(
            ChildProcess.exchange(["/bin/sleep", "60"], input: secret, ProgramTerms(outputLimit: 10, seconds: 1)))
        #expect(sleeping.isLate)
        #expect(sleeping.exitCode == nil)
        let much = try #require(
            ChildProcess.exchange(["/bin/cat"], input: Self.much, ProgramTerms(outputLimit: 2_000_000, seconds: 30)))
        #expect(much.output == Self.much, "more than a pipe holds, both ways")
        #expect(much.exitCode == 0)
        let endless = try #require(
            ChildProcess.exchange(["/usr/bin/yes"], input: secret, ProgramTerms(outputLimit: 100_000, seconds: 30)))
        #expect(endless.isLate)
        #expect(endless.output.count < 1_000_000)
    }

    @Test func `The program runs under its limits and takes no arguments`() throws {
        let program = try #require(BuiltProgram.pictures)
        let input = Secret(WipedBuffer(try Self.code()))
        let terms = ProgramTerms(outputLimit: 1 << 20, seconds: 30)
        let refused = try #require(ChildProcess.exchange([program.path, "--help"], input: input, terms))
        #expect(refused.exitCode == 1)
        #expect(refused.output.count == 0)
        // It cannot write a file, even where its output is one.
        let line = "\"$0\" > out; echo $?; wc -c < out"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shell = ["/bin/sh", "-c", "cd \(folder.path) && \(line)", program.path]
        let written = try #require(ChildProcess.exchange(shell, input: input, terms))
        let lines = written.output.withBytes { String(decoding: $0) }.split(separator: "\n")
        #expect(lines.first != "0")
        #expect(lines.last == "0")
    }

    // MARK: Helpers

    private static let much = Secret(WipedBuffer((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 * 7) }))

    private static func code() throws -> [UInt8] {
        try QRCode(encoding: Secret(WipedBuffer(text.utf8))).png().withBytes { [UInt8](copying: $0) }
    }

    private static func read(
        _ bytes: [UInt8], with program: String? = BuiltProgram.pictures?.path
    ) throws -> Result<[String], PictureError> {
        var world = World()
        world.pictureProgram = { program }
        return World.$current.withValue(world) {
            do throws(PictureError) {
                return .success(
                    try PictureProgram.read(Secret(WipedBuffer(bytes)), name: "picture").map { code in
                        code.withBytes { String(decoding: $0) }
                    })
            } catch {
                return .failure(error)
            }
        }
    }

    private static func cause(_ outcome: Result<[String], PictureError>) -> PictureError.Cause? {
        if case .failure(let error) = outcome { error.cause } else { nil }
    }
}
