import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@Suite struct OTPAuthURITests {
    private static let text = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    private static let secret = Secret(text: "12345678901234567890")

    private static func credential(
        issuer: String? = "Example", account: String = "alice@example.com", kind: Credential.Kind = .totp(period: 30),
        algorithm: HashAlgorithm = .sha1, digits: Int = 6
    ) throws -> Credential {
        try Credential(
            label: Label(issuer: issuer, account: account), kind: kind, algorithm: algorithm, digits: digits,
            secret: secret)
    }

    private static func uri(_ credential: Credential, explicit: Bool = false) throws -> String {
        try OTPAuthURI.encode(credential, explicit: explicit).exposedText
    }

    @Test func `The URI has the one spelling that all readers take`() throws {
        #expect(
            try Self.uri(Self.credential())
                == "otpauth://totp/Example:alice%40example.com?secret=\(Self.text)&issuer=Example")
        #expect(
            try Self.uri(Self.credential(kind: .hotp(counter: 0)))
                == "otpauth://hotp/Example:alice%40example.com?secret=\(Self.text)&issuer=Example&counter=0")
        #expect(
            try Self.uri(Self.credential(issuer: nil, account: "alice", kind: .totp(period: 60)))
                == "otpauth://totp/alice?secret=\(Self.text)&period=60")
        #expect(
            try Self.uri(Self.credential(kind: .hotp(counter: 5), algorithm: .sha512, digits: 8))
                == "otpauth://hotp/Example:alice%40example.com?secret=\(Self.text)&issuer=Example&algorithm=SHA512&digits=8&counter=5"
        )
        #expect(
            try Self.uri(Self.credential(issuer: "Bücher & Co", account: "a+b/c d"))
                == "otpauth://totp/B%C3%BCcher%20%26%20Co:a%2Bb%2Fc%20d?secret=\(Self.text)&issuer=B%C3%BCcher%20%26%20Co"
        )
    }

    @Test func `An explicit URI leaves nothing to defaults`() throws {
        let common = "Example:alice%40example.com?secret=\(Self.text)&issuer=Example&algorithm=SHA1&digits=6"
        #expect(try Self.uri(Self.credential(), explicit: true) == "otpauth://totp/\(common)&period=30")
        #expect(
            try Self.uri(Self.credential(kind: .hotp(counter: 9)), explicit: true)
                == "otpauth://hotp/\(common)&counter=9")
    }

    @Test func `Random credentials come back the same from their URI, whose spelling is fixed`() throws {
        var generator = SeededGenerator(seed: 2026)
        for round in 0..<2000 {
            let credential = try Credential.random(using: &generator)
            for explicit in [false, true] {
                let uri = try OTPAuthURI.encode(credential, explicit: explicit)
                let decoded = try uri.withBytes(OTPAuthURI.decodeWithExtras)
                #expect(decoded.credential == credential, "round \(round)")
                // `==` on strings takes canonically equivalent ones for equal; a server does not.
                #expect(decoded.credential.label.account.utf8.elementsEqual(credential.label.account.utf8))
                #expect(decoded.extras.isEmpty && decoded.overruledIssuer == nil)
                #expect(try OTPAuthURI.encode(decoded.credential, explicit: explicit) == uri)
            }
        }
    }

    @Test func `Characters that break some readers are warned of with their place`() throws {
        let credential = try Self.credential(issuer: "R&D", account: "ä=b/c")
        #expect(
            OTPAuthURI.warnings(for: credential).map { "\($0.field.name) \($0.character) \($0.position)" }
                == ["issuer & 2", "account = 2", "account / 4"])
        #expect(try OTPAuthURI.warnings(for: Self.credential()).isEmpty)
    }

    @Test func `Unknown parameters are kept, and the overruled issuer is told`() throws {
        let text = "otpauth://totp/Ex:joe?secret=MY&issuer=Other&serial=TOTP%2042&image=x&&lock"
        let decoded = try withBytes(of: text, OTPAuthURI.decodeWithExtras)
        #expect(decoded.credential.label == (try Label(issuer: "Other", account: "joe")))
        #expect(decoded.overruledIssuer == "Ex")
        #expect(decoded.extras.map(\.name) == ["serial", "image", "lock"])
        #expect(decoded.extra("serial") == "TOTP 42")
        #expect(decoded.extra("lock") == "")
        #expect(decoded.extra("color") == nil)
    }

    @Test func `An error names the character and its place in the secret, not in the URI`() {
        let error = formatError { () throws(FormatError) in
            try withBytes(of: "otpauth://totp/a?secret=%47E+Z1", OTPAuthURI.decode)
        }
        #expect(error == FormatError(.malformed, .outsideAlphabet, field: .secret, position: 5, character: "1"))
    }
}
