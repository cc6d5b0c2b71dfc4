import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@Suite struct TextCodecTests {
    @Test(arguments: [
        ("gezd gnbv GY3T-QOJQ", "1234567890"), ("MY======", "f"), ("MY=", "f"), ("MY = =", "f"), ("", ""), (" - ", ""),
    ]) func `Base32 is read in every common spelling`(text: String, plain: String) throws {
        #expect(try withBytes(of: text) { text throws(FormatError) in try Base32.decode(text) }.exposedText == plain)
    }

    @Test(arguments: [
        ("GEZ1GNBV", FormatError(.malformed, .outsideAlphabet, position: 4, character: "1")),
        ("ge zö", FormatError(.malformed, .outsideAlphabet, position: 5, character: "ö")),
        ("GE\u{1F511}Z", FormatError(.malformed, .outsideAlphabet, position: 3, character: "\u{1F511}")),
        ("öGE!", FormatError(.malformed, .outsideAlphabet, position: 1, character: "ö")),
        ("GE\u{0}Z", FormatError(.malformed, .outsideAlphabet, position: 3)),
        ("GE\u{200B}Z", FormatError(.malformed, .outsideAlphabet, position: 3)),
        ("MY==MY==", FormatError(.malformed, .afterPadding, position: 5)),
        ("G", FormatError(.malformed, .impossibleLength)),
        ("GEZ", FormatError(.malformed, .impossibleLength)),
        ("GEZDGN", FormatError(.malformed, .impossibleLength)),
        ("====", FormatError(.malformed, .impossibleLength)),
        ("MZ", FormatError(.malformed, .trailingBits, position: 2)),
        ("M-Z ==", FormatError(.malformed, .trailingBits, position: 3)),
        ("MZXW6YTBOJ", FormatError(.malformed, .trailingBits, position: 10)),
    ]) func `Wrong base32 is refused with its place`(text: String, expected: FormatError) {
        #expect(formatError { () throws(FormatError) in try withBytes(of: text, Base32.decode) } == expected)
    }

    @Test func `Bytes that are no UTF-8 have a place and no character`() {
        let error = formatError { () throws(FormatError) in
            try WipedBuffer([0x47, 0xFF, 0x47]).withBytes(Base32.decode)
        }
        #expect(error == FormatError(.malformed, .outsideAlphabet, position: 2))
    }

    @Test func `Base32 in groups is for people and reads back`() throws {
        let secret = Secret(text: "12345678901234567890")
        let groups = Base32.groups(of: secret)
        #expect(groups.exposedText == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
        #expect(try groups.withBytes(Base32.decode) == secret)
        #expect(Base32.groups(of: Secret(text: "foobar")).exposedText == "MZXW 6YTB OI")
        #expect(Base32.groups(of: Secret([]), length: 0).count == 0)
    }

    @Test func `Hexadecimal and modhex write the same halves of bytes`() throws {
        let secret = Secret([0x00, 0x19, 0xAF, 0xFE])
        #expect(Hex.encode(secret).exposedText == "0019affe")
        #expect(Modhex.encode(secret).exposedText == "ccbklvvu")
        #expect(try withBytes(of: "00-19 AFfe", Hex.decode) == secret)
        // The bytes 74 65 73 74, letter by letter.
        #expect(Modhex.encode(Secret(text: "test")).exposedText == "ifhgieif")
        #expect(try Modhex.encode(secret).withBytes(Modhex.decode) == secret)
    }

    @Test(arguments: [
        ("0g", FormatError(.malformed, .outsideAlphabet, position: 2, character: "g")),
        ("123", FormatError(.malformed, .impossibleLength)),
    ]) func `Wrong hexadecimal is refused with its place`(text: String, expected: FormatError) {
        #expect(formatError { () throws(FormatError) in try withBytes(of: text, Hex.decode) } == expected)
    }

    @Test func `Every length of random bytes survives every encoding, and mutations never trap`() throws {
        let source = SeededSource(seed: 32)
        var generator = SeededGenerator(seed: 33)
        for count in 0...130 {
            let secret = try Secret.random(count: count, from: source)
            for (text, decode) in [
                (Base32.encode(secret), Base32.decode), (Hex.encode(secret), Hex.decode),
                (Modhex.encode(secret), Modhex.decode),
            ] {
                #expect(try text.withBytes(decode) == secret)
                for _ in 0..<20 {
                    let broken = mutated(text.exposedBytes, using: &generator)
                    _ = formatError { () throws(FormatError) in try WipedBuffer(broken).withBytes(decode) }
                }
            }
        }
    }

    @Test func `What base32 reads it writes back in the one spelling`() throws {
        var generator = SeededGenerator(seed: 34)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var accepted = 0
        for _ in 0..<3000 {
            let count = Int.random(in: 0...40, using: &generator)
            let text = (0..<count).map { _ in letters[Int.random(in: 0..<32, using: &generator)] }
            do throws(FormatError) {
                let secret = try WipedBuffer(text).withBytes(Base32.decode)
                #expect(Base32.encode(secret).exposedBytes == text)
                accepted += 1
            } catch {
                #expect(error.reason == .trailingBits || error.reason == .impossibleLength)
            }
        }
        #expect(accepted > 300)
    }

    @Test func `An error reads as part of a sentence`() {
        let error = FormatError(
            .malformed, .outsideAlphabet, field: .secret, position: 7, character: "!", line: 3)
        #expect("\(error)" == "line 3: secret: a character outside the alphabet ('!' at position 7)")
        #expect("\(FormatError(.missing, .empty))" == "empty")
    }
}
