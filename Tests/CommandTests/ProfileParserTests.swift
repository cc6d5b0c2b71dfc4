import Foundation
import TestSupport
import Testing

@testable import keyprov

@Suite struct ProfileParserTests {
    /// Every statement once.
    static let whole = """
        # A comment, and a line of nothing.

        title: Example Server
        role: form
        source manual: the manual, page 3: "Accounts"
        source web-2.0: another one
        field account: Account [manual]
        field account uk: Обліковий запис [manual, web-2.0]
        field urls: Sites
        field apps: Programs
        field secret: Key: as shown
        field digits: Length
        field x-realm: Realm
        preset x-realm: example.com
        needed: account, secret
        needed one: urls, apps
        advanced: digits
        separator: |
        secret-case: lower
        secret-groups: 8
        secret-padding: full
        qr: secret, uri [web-2.0]
        type: totp; others refused
        algorithm: SHA1, SHA256; others ignored [manual]
        digits: 6; 7 refused; 8 ignored; others unknown
        period: any
        secret-bytes: 16-64; others refused
        recovery-codes: 10 of 8
        secret-of: ies-2fa [web-2.0]
        step: Open the page. [manual]
        step import: Take it over.
        step spare: Take a spare.
        step confirm: Enter the code.
        step log-in: Enter another one.
        step recovery-codes: Keep these.
        note: Mind the step.
        unknown: how it feels
        """

    @Test func `Every statement says what it is meant to say`() throws {
        let profile = try parse(Self.whole)
        #expect(profile.name == "example")
        #expect(profile.title == "Example Server")
        #expect(profile.role == .form)
        #expect(profile.sources.map(\.name) == ["manual", "web-2.0"])
        #expect(profile.sources.first?.text == "the manual, page 3: \"Accounts\"")
        #expect(profile.fields.map(\.name.rawValue) == ["account", "urls", "apps", "secret", "digits", "x-realm"])
        let ukrainian = try #require(Language(rawValue: "uk"))
        #expect(profile.languages == [.english, ukrainian])
        #expect(profile.fields[0].label(in: ukrainian) == "Обліковий запис")
        #expect(profile.fields[1].label(in: ukrainian) == "Sites")
        #expect(profile.fields[3].label(in: .english) == "Key: as shown")
        #expect(profile.fields[5].preset == "example.com")
        #expect(profile.fields[0].need == .always)
        #expect(profile.fields[1].need == .oneOf([.urls, .apps]))
        #expect(profile.fields[4].isAdvanced)
        #expect(profile.separator == "|")
        #expect(profile.spelling == SecretSpelling(isLowerCase: true, groupLength: 8, isPadded: true))
        #expect(profile.qrForms == Profile.Cited(value: [.secret, .uri], sources: ["web-2.0"]))
        #expect(profile.rules[.type]?.taken == .values(["totp"], .refused))
        #expect(
            profile.rules[.algorithm]
                == ParameterRule(taken: .values(["SHA1", "SHA256"], .ignored), sources: ["manual"]))
        #expect(
            profile.rules[.digits]?.taken
                == .values(
                    ["6"],
                    except: [
                        ParameterRule.Exception(values: ["7"], others: .refused),
                        ParameterRule.Exception(values: ["8"], others: .ignored),
                    ], .unknown))
        #expect(profile.rules[.period]?.taken == .any)
        #expect(profile.rules[.secretBytes]?.taken == .range(16...64, .refused))
        #expect(profile.recoveryCodes?.value == RecoveryCodeShape(count: 10, length: 8))
        #expect(profile.secretOf == Profile.Cited(value: "ies-2fa", sources: ["web-2.0"]))
        #expect(profile.steps.map(\.code) == [nil, nil, nil, .confirm, .logIn, nil])
        #expect(profile.steps.map(\.job) == [nil, .takeOver, .spare, nil, nil, .recoveryCodes])
        #expect(profile.notes.map(\.value) == ["Mind the step."])
        #expect(profile.unknowns == ["how it feels"])
    }

    @Test func `A value is taken, doubtful or wrong as its rule says`() throws {
        let rules = try parse(Self.whole).rules
        let digits = try #require(rules[.digits])
        #expect(["6", "7", "8", "9"].map(digits.verdict) == [.taken, .wrong(.refused), .wrong(.ignored), .doubtful])
        let bytes = try #require(rules[.secretBytes])
        #expect(
            ["15", "16", "64", "65"].map(bytes.verdict)
                == [.wrong(.refused), .taken, .taken, .wrong(.refused)])
        #expect(rules[.period]?.verdict(on: "77") == .taken)
        #expect(rules[.algorithm]?.verdict(on: "SHA512") == .wrong(.ignored))
    }

    @Test func `Line ends of Windows, tabs and spaces change nothing`() throws {
        let spaced = Self.whole.split(separator: "\n", omittingEmptySubsequences: false)
            .map { " \t" + $0.replacingOccurrences(of: ": ", with: " :\t ") + "  " }.joined(separator: "\r\n")
        // Texts with a colon inside have other spaces there now.
        #expect(try parse(spaced).rules == parse(Self.whole).rules)
        #expect(try parse(spaced).steps == parse(Self.whole).steps)
        #expect(try parse(Self.whole.replacingOccurrences(of: "\n", with: "\r\n")) == parse(Self.whole))
    }

    struct Mistake: CustomTestStringConvertible, Sendable {
        let lines: String
        let line: Int
        let reason: ProfileError.Reason
        var testDescription: String { "\(reason)" }

        init(_ lines: String, _ line: Int, _ reason: ProfileError.Reason) {
            (self.lines, self.line, self.reason) = (lines, line, reason)
        }
    }

    private static let start = "title: T\nrole: form\nfield secret: S\n"

    static let mistakes = [
        Mistake(start + "note: a\u{1B}[31m", 4, .controlCharacter),
        Mistake(start + "note: a\u{202E}b", 4, .controlCharacter),
        Mistake(start + "note", 4, .noColon),
        Mistake(start + "colour: red", 4, .unknownKeyword),
        Mistake(start + ": red", 4, .unknownKeyword),
        Mistake(start + "Title: T", 4, .unknownKeyword),
        Mistake(start + "note:  ", 4, .empty),
        Mistake(start + "note: [a]", 4, .empty),
        Mistake(start + "title: T", 4, .givenTwice),
        Mistake(start + "digits: any\ndigits: any", 5, .givenTwice),
        Mistake(start + "field secret: S", 4, .givenTwice),
        Mistake(start + "field secret uk: S\nfield secret uk: S", 5, .givenTwice),
        Mistake(start + "field login: L\npreset login: S\npreset login: S", 6, .givenTwice),
        Mistake(start + "preset secret: S", 4, .noPreset),
        Mistake(start + "field password: P\npreset password: S", 5, .noPreset),
        Mistake(start + "needed: secret\nneeded: secret", 5, .givenTwice),
        Mistake(start + "source a: S\nsource a: S", 5, .givenTwice),
        Mistake(start + "digits 6: any", 4, .wrongArguments),
        Mistake(start + "field secret uk en: S", 4, .wrongArguments),
        Mistake(start + "preset: S", 4, .wrongArguments),
        Mistake(start + "needed two: secret", 4, .wrongArguments),
        Mistake(start + "source: S", 4, .wrongArguments),
        Mistake(start + "step confirm log-in: S", 4, .wrongArguments),
        Mistake(start + "note a: S", 4, .wrongArguments),
        Mistake(start + "unknown a: S", 4, .wrongArguments),
        Mistake(start + "qr uri: uri", 4, .wrongArguments),
        Mistake("title: T\nrole: person", 2, .unknownRole),
        Mistake(start + "source A: S", 4, .malformedSourceName),
        Mistake(start + "note: a [b c]", 4, .malformedSourceName),
        Mistake(start + "note: a []", 4, .malformedSourceName),
        Mistake(start + "note: a [b]\nnote: c", 4, .unknownSource),
        Mistake(start + "digits: 5; others refused", 4, .malformedParameter),
        Mistake(start + "digits: 6, 6; others refused", 4, .malformedParameter),
        Mistake(start + "digits: 6; 6 refused; others unknown", 4, .malformedParameter),
        Mistake(start + "digits: 6; 9 refused; others unknown", 4, .malformedParameter),
        Mistake(start + "digits: +6; others refused", 4, .malformedParameter),
        Mistake(start + "period: 030; others refused", 4, .malformedParameter),
        Mistake(start + "digits: 6-8; others refused", 4, .malformedParameter),
        Mistake(start + "type: TOTP; others refused", 4, .malformedParameter),
        Mistake(start + "algorithm: MD5; others refused", 4, .malformedParameter),
        Mistake(start + "period: 0; others refused", 4, .malformedParameter),
        Mistake(start + "secret-bytes: 64-16; others refused", 4, .malformedParameter),
        Mistake(start + "secret-bytes: -16; others refused", 4, .malformedParameter),
        Mistake(start + "secret-bytes: 99999999999999999999; others refused", 4, .malformedParameter),
        Mistake(start + "digits: 6", 4, .noWordOnOthers),
        Mistake(start + "digits: 6; 7 unknown; others unknown", 4, .noWordOnOthers),
        Mistake(start + "digits: 6; ; others unknown", 4, .noWordOnOthers),
        Mistake(start + "digits: 6; refused", 4, .noWordOnOthers),
        Mistake(start + "digits: 6; others maybe", 4, .noWordOnOthers),
        Mistake(start + "digits: 6; others refused; others ignored", 4, .malformedParameter),
        Mistake(start + "field sekret: S", 4, .unknownField),
        Mistake(start + "field x-: S", 4, .unknownField),
        Mistake(start + "field: S", 4, .unknownField),
        Mistake(start + "needed: sekret", 4, .unknownField),
        Mistake(start + "field login uk: S", 4, .fieldBefore),
        Mistake(start + "needed: login", 4, .fieldMissing),
        Mistake(start + "preset login: a", 4, .fieldMissing),
        Mistake(start + "advanced: secret", 4, .noSetting),
        Mistake(start + "field secret ukr: S", 4, .malformedLanguage),
        Mistake(start + "secret-case: Upper", 4, .malformedSpelling),
        Mistake(start + "secret-groups: 0", 4, .malformedSpelling),
        Mistake(start + "secret-groups: +4", 4, .malformedSpelling),
        Mistake(start + "recovery-codes: 010 of 8", 4, .malformedRecoveryCodes),
        Mistake(start + "secret-groups: 17", 4, .malformedSpelling),
        Mistake(start + "secret-padding: some", 4, .malformedSpelling),
        Mistake(start + "qr: uri, none", 4, .malformedQRForm),
        Mistake(start + "qr: uri, uri", 4, .malformedQRForm),
        Mistake(start + "qr: url", 4, .malformedQRForm),
        Mistake(start + "separator: ; ;", 4, .malformedSeparator),
        Mistake(start + "step later: S", 4, .unknownStep),
        Mistake(start + "secret-of: The Server", 4, .malformedProfileName),
        Mistake(start + "secret-of: a\nsecret-of: b", 5, .givenTwice),
        Mistake(start + "recovery-codes: ten of 8", 4, .malformedRecoveryCodes),
        Mistake(start + "recovery-codes: 10 of 0", 4, .malformedRecoveryCodes),
        Mistake(start + "recovery-codes: 10 x 8", 4, .malformedRecoveryCodes),
        Mistake("role: server\n\n", 3, .incomplete(.title)),
        Mistake("title: T", 1, .incomplete(.role)),
        Mistake("title: T\nrole: app", 2, .noSecretField),
        Mistake("", 1, .incomplete(.title)),
    ]

    @Test(arguments: mistakes)
    func `A mistake is told with its line`(_ mistake: Mistake) {
        #expect(throws: ProfileError(line: mistake.line, reason: mistake.reason)) { try parse(mistake.lines) }
    }

    @Test func `Bytes that are not UTF-8 are told with their line`() {
        #expect(throws: ProfileError(line: 2, reason: .notUTF8)) {
            try Profile(parsing: Array("title: T\n".utf8) + [0xC3, 0x28], name: "example")
        }
    }

    @Test func `An error and its words hold nothing of the file`() throws {
        let path = "/secrets.profile"
        let failure = #expect(throws: ProfileError.self) { try parse("GEZDGNBVGY3TQOJQ") }
        let diagnosis = Diagnosis(ProfileFailure.malformed(path: path, try #require(failure)))
        #expect(!("\(diagnosis)" + "\(String(describing: failure))").contains("GEZDG"))
    }

    @Test func `A file that is cut anywhere is a profile or has an error with a line`() {
        let file = Array(Self.whole.utf8)
        for count in 0..<file.count { check(Array(file[..<count]), from: file) }
    }

    @Test(arguments: BuiltInProfiles.all.map(\.name))
    func `A file that is changed a little is a profile or has an error with a line`(_ name: String) throws {
        let file = try #require(BuiltInProfiles.all.first { $0.name == name }).text()
        var generator = SeededGenerator(seed: UInt64(file.count))
        for _ in 0..<200 { check(mutated(file, using: &generator), from: file) }
    }

    private func check(_ bytes: [UInt8], from file: [UInt8]) {
        do throws(ProfileError) {
            _ = try Profile(parsing: bytes, name: "example")
        } catch {
            // A change may make three line breaks more.
            let lines = file.count { $0 == UInt8(ascii: "\n") } + 1
            #expect((1...(lines + 3)).contains(error.line))
        }
    }

    private func parse(_ text: String) throws(ProfileError) -> Profile {
        try Profile(parsing: Array(text.utf8), name: "example")
    }
}
