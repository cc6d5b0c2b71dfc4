import ArgumentParser
import SecretFormats
import Testing

@testable import keyprov

@Suite struct BatchTermsTests {
    private func terms(_ arguments: String..., issuer: String? = nil, slot: Int? = nil) throws -> BatchTerms {
        let storage = arguments.filter { ["--touch", "--require-pin"].contains($0) }
        let credential = arguments.filter { !storage.contains($0) }
        return BatchTerms(
            issuer: issuer, try CredentialOptions.parse(credential), try StorageOptions.parse(storage), slot: slot)
    }

    @Test(arguments: [nil, "Example", "Ex; ample", "a=b; digits=8; issuer=c", "Ünï \\ code", ";", "= "])
    func `The text has all of them, whatever the issuer is`(issuer: String?) throws {
        let all = try [
            terms(issuer: issuer), terms("--digits", "8", "--algorithm", "SHA512", "--touch", issuer: issuer, slot: 2),
            terms("--type", "hotp", "--counter", "18446744073709551615", "--require-pin", issuer: issuer),
            terms("--period", "60", "--bytes", "32", issuer: issuer),
        ]
        for terms in all {
            let read = BatchTerms(text: terms.text)
            #expect(read.text == terms.text && read.issuer == issuer && read.slot == terms.slot)
            #expect(terms.changes(from: read).isEmpty)
            let usual = try CredentialOptions.parse([])
            let again = BatchTerms(
                issuer: read.issuer, read.options(like: usual), read.options(like: try StorageOptions.parse([])),
                slot: read.slot)
            #expect(again.text == terms.text)
        }
        #expect(Set(all.map(\.text)).count == all.count)
    }

    @Test func `What was not said is taken from the batch, and what was said is compared`() throws {
        let begun = try terms(
            "--type", "hotp", "--counter", "5", "--digits", "8", "--algorithm", "SHA256", "--touch", issuer: "Example",
            slot: 2)
        #expect(try terms().completed(from: begun).text == begun.text)
        #expect(try terms("--digits", "8", "--touch", issuer: "Example").completed(from: begun).text == begun.text)
        let other = try terms("--digits", "7", "--require-pin", issuer: "Other").completed(from: begun)
        #expect(other.changes(from: begun) == ["--digits 8", "no --require-pin", "--issuer Example"])
        let plain = try terms()
        #expect(
            begun.changes(from: plain) == [
                "--algorithm SHA1", "--digits 6", "no --slot", "no --touch", "--type totp", "no --issuer",
            ])
        #expect(
            try terms("--counter", "6", "--type", "hotp").completed(from: begun).changes(from: begun) == ["--counter 5"]
        )
    }

    @Test(arguments: [
        (["--digits", "8"], ["--digits", "6"], ["--digits 8"]),
        (["--type", "hotp"], ["--type", "totp"], ["--type hotp"]),
        (["--algorithm", "SHA512", "--bytes", "32"], ["--algorithm", "SHA1"], ["--algorithm SHA512"]),
        (["--algorithm", "SHA512", "--bytes", "32"], ["--bytes", "20"], ["--bytes 32"]),
        (["--period", "60"], ["--period", "30"], ["--period 60"]),
        (["--type", "hotp", "--counter", "5"], ["--type", "hotp", "--counter", "0"], ["--counter 5"]),
        ([], ["--digits", "6", "--type", "totp", "--algorithm", "SHA1", "--bytes", "20", "--period", "30"], []),
    ])
    func `What was said counts also where it is usual`(begun: [String], now: [String], changes: [String]) throws {
        func terms(_ arguments: [String]) throws -> BatchTerms {
            BatchTerms(issuer: nil, try CredentialOptions.parse(arguments), try StorageOptions.parse([]), slot: nil)
        }
        let (begun, now) = (BatchTerms(text: try terms(begun).text), try terms(now))
        #expect(now.completed(from: begun).changes(from: begun) == changes)
    }

    @Test(arguments: [
        "", "digits", "digits=", "digits=x; color=red", "; ; ", "issuer", "type=motp; period=-1; slot=9e9",
    ])
    func `Terms of another hand are no more than other options`(text: String) throws {
        let begun = BatchTerms(text: text)
        let completed = try terms().completed(from: begun)
        _ = completed.changes(from: begun)
        _ = completed.options(like: try CredentialOptions.parse([]))
        #expect(BatchTerms(text: begun.text).text == begun.text)
    }
}
