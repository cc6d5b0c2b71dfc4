import SecretFormats
import TestSupport
import Testing

@Suite struct CredentialTests {
    @Test(arguments: [
        (nil, "", FormatError(.missing, .empty, field: .account)),
        ("", "alice", FormatError(.missing, .empty, field: .issuer)),
        (nil, "a:b", FormatError(.malformed, .colon, field: .account, position: 2, character: ":")),
        ("Exä:", "a", FormatError(.malformed, .colon, field: .issuer, position: 4, character: ":")),
        (nil, "ab\n", FormatError(.malformed, .controlCharacter, field: .account, position: 3)),
        (nil, "a\u{2028}b", FormatError(.malformed, .controlCharacter, field: .account, position: 2)),
        ("\u{85}", "a", FormatError(.malformed, .controlCharacter, field: .issuer, position: 1)),
        (nil, " a", FormatError(.malformed, .outerSpace, field: .account, position: 1)),
        ("E ", "a", FormatError(.malformed, .outerSpace, field: .issuer, position: 2)),
    ]) func `A label refuses what no format carries`(issuer: String?, account: String, expected: FormatError) {
        #expect(formatError { () throws(FormatError) in try Label(issuer: issuer, account: account) } == expected)
    }

    @Test func `A credential refuses what no key or server holds`() throws {
        let label = try Label(issuer: "Example", account: "alice")
        func refusal(
            _ kind: Credential.Kind = .totp(period: 30), digits: Int = 6, secretLength: Int = 20
        ) -> FormatError? {
            formatError { () throws(FormatError) in
                try Credential(
                    label: label, kind: kind, digits: digits, secret: Secret(Array(repeating: 1, count: secretLength)))
            }
        }
        for digits in 6...8 { #expect(refusal(digits: digits) == nil) }
        for digits in [Int.min, 5, 9] {
            #expect(refusal(digits: digits) == FormatError(.unsupported, .digitsRange, field: .digits))
        }
        for period in [1, 86_400] { #expect(refusal(.totp(period: period)) == nil) }
        for period in [-30, 0, 86_401] {
            #expect(refusal(.totp(period: period)) == FormatError(.unsupported, .periodRange, field: .period))
        }
        #expect(refusal(.hotp(counter: 1 << 63 - 1)) == nil)
        #expect(refusal(.hotp(counter: 1 << 63)) == FormatError(.unsupported, .counterRange, field: .counter))
        for length in [1, 1024] { #expect(refusal(secretLength: length) == nil) }
        #expect(refusal(secretLength: 0) == FormatError(.missing, .empty, field: .secret))
        #expect(refusal(secretLength: 1025) == FormatError(.unsupported, .secretTooLong, field: .secret))
    }
}
