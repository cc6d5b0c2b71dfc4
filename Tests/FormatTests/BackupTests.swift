import ByteBuffers
import SecretFormats
import TestSupport
import Testing

/// Backups that a password opens, as the apps write them.
@Suite struct BackupTests {
    static let sealed = ["aegis", "2fas", "andotp", "stratum"]
    private static let password = Secret(text: "correct hörse")

    static func records() throws -> [TokenRecord] {
        let secret = Secret(text: "12345678901234567890")
        return [
            TokenRecord(
                credential: try Credential(
                    label: Label(issuer: "Example", account: "alice@example.com"), secret: secret)),
            TokenRecord(
                credential: try Credential(
                    label: Label(issuer: "Größe & \"Söhne\"", account: "bob"), kind: .totp(period: 60),
                    algorithm: .sha512, digits: 8, secret: Secret(text: "another secret"))),
            TokenRecord(
                credential: try Credential(
                    label: Label(issuer: "Example", account: "carol"), kind: .hotp(counter: 5), secret: secret)),
        ]
    }

    static func file(_ name: String, passphrase: Secret?, seed: UInt64 = 1) throws -> WipedBuffer {
        let output = WipedBuffer()
        try #require(FormatList.named(name)).encode(
            records(),
            options: EncodingOptions(passphrase: passphrase, random: SeededSource(seed: seed), unixTime: 1_795_262_400),
            into: output)
        return output
    }

    private func read(_ file: WipedBuffer, _ name: String, _ passphrase: Secret?) throws(FormatError) -> [TokenRecord] {
        guard let format = FormatList.named(name) else { return [] }
        return try file.withBytes { (bytes: RawSpan) throws(FormatError) in
            try format.decode(bytes, options: DecodingOptions(passphrase: passphrase))
        }
    }

    @Test(arguments: sealed) func `An encrypted backup gives back what was put in`(name: String) throws {
        let file = try Self.file(name, passphrase: Self.password)
        #expect(try read(file, name, Self.password) == Self.records())
        let candidates = file.withBytes { FormatList.candidates(for: $0).map(\.name) }
        #expect(candidates == [name])
    }

    @Test(arguments: sealed) func `A wrong passphrase is its own error, and so is none`(name: String) throws {
        let file = try Self.file(name, passphrase: Self.password)
        #expect(throws: FormatError(.wrongPassphrase, .doesNotOpen, field: .passphrase)) {
            try read(file, name, Secret(text: "correct horse"))
        }
        #expect(throws: FormatError(.wrongPassphrase, .doesNotOpen, field: .passphrase)) {
            try read(file, name, Secret(text: ""))
        }
        #expect(throws: FormatError(.missing, .fileIsEncrypted, field: .passphrase)) { try read(file, name, nil) }
    }

    /// Neither a secret, nor a name, nor the word that all plain files have.
    @Test(arguments: sealed) func `An encrypted backup shows nothing of its accounts`(name: String) throws {
        let text = try Self.file(name, passphrase: Self.password).exposedText
        for word in ["GEZDGNBV", "alice", "Example", "SHA1", "issuer", "label"] {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test(arguments: sealed) func `Two backups with one password share neither salt nor nonce nor ciphertext`(
        name: String
    ) throws {
        let files = try [1, 2].map { try Self.file(name, passphrase: Self.password, seed: $0).exposedBytes }
        #expect(files[0].count == files[1].count)
        // What is the same are the names of JSON and the costs: any sixteen bytes in a row that are no text differ.
        let same = zip(files[0], files[1]).count { $0 == $1 }
        #expect(same < (name == "aegis" ? 500 : name == "2fas" ? 250 : 60))
    }

    /// A bit of the ciphertext, of a salt, of a nonce; or a letter that changes nothing, such as one of an identity.
    @Test(arguments: sealed) func `A flipped bit gives an error or the same records`(name: String) throws {
        let bytes = try Self.file(name, passphrase: Self.password).exposedBytes
        let expected = try Self.records()
        var generator = SeededGenerator(seed: 7914)
        var refused = 0
        for _ in 0..<24 {
            var changed = bytes
            changed[Int.random(in: 0..<bytes.count, using: &generator)] ^=
                1 << UInt8.random(in: 0..<7, using: &generator)
            do throws(FormatError) {
                let records = try read(WipedBuffer(changed), name, Self.password)
                #expect(records == expected)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 12)
    }
}
