import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@Suite struct PSKCTests {
    private static let password = Secret(text: "correct horse battery staple")

    private static func record(account: String = "alice@example.com") throws -> TokenRecord {
        TokenRecord(
            serial: "KP0001", manufacturer: "Example", model: "Key 5", owner: "alice",
            content: .oath(
                try Credential(
                    label: Label(issuer: "<Example> & \"Sons\"", account: account), algorithm: .sha256, digits: 8,
                    secret: Secret(text: "12345678901234567890123456789012"))))
    }

    static func file(
        _ name: String, _ records: [TokenRecord], passphrase: Secret? = nil, iterations: Int = 1000
    ) throws -> WipedBuffer {
        let output = WipedBuffer()
        try #require(FormatList.named(name)).encode(
            records, options: EncodingOptions(passphrase: passphrase, iterations: iterations), into: output)
        return output
    }

    private func read(_ file: [UInt8], passphrase: Secret?) throws(FormatError) -> [TokenRecord] {
        guard let format = FormatList.named("pskc") else { return [] }
        return try WipedBuffer(file).withBytes { (bytes: RawSpan) throws(FormatError) in
            try format.decode(bytes, options: DecodingOptions(passphrase: passphrase))
        }
    }

    @Test(arguments: ["pskc", "pskc-strong"])
    func `A changed letter of a ciphertext or a MAC never gives another secret`(name: String) throws {
        let file = try Self.file(name, [Self.record()], passphrase: Self.password, iterations: 2).exposedText
        let original = [try Self.record()]
        #expect(try read(Array(file.utf8), passphrase: Self.password) == original)
        var (changed, refused) = (0, 0)
        for element in ["CipherValue", "ValueMAC", "Specified"] {
            for match in file.matches(of: try Regex("\(element)>([A-Za-z0-9+/]+)=*<")) {
                guard let range = match.output[1].range else { continue }
                for index in file[range].indices {
                    var broken = file
                    broken.replaceSubrange(index...index, with: file[index] == "A" ? "B" : "A")
                    // The key of the MAC is padded as XML Encryption has it: of the padding only the last byte counts, and
                    // one in 256 changes to that block leaves it as it was.
                    let records = try? read(Array(broken.utf8), passphrase: Self.password)
                    #expect(records == nil || records == original, "\(element)")
                    refused += records == nil ? 1 : 0
                    changed += 1
                }
            }
        }
        #expect(changed > 150 && refused > changed - 10)
    }

    @Test func `Two files with one password share neither key, nor salt, nor ciphertext`() throws {
        let files = try (0..<2).map { _ in
            try Self.file("pskc", [Self.record()], passphrase: Self.password, iterations: 2).exposedText
        }
        let values = try files.map { file in
            try file.matches(of: Regex("(?:CipherValue|Specified|ValueMAC)>([^<]+)<")).compactMap {
                $0.output[1].substring
            }
        }
        #expect(values[0].count == 4)
        #expect(zip(values[0], values[1]).allSatisfy { $0 != $1 })
    }

    @Test func `An encrypted file holds the secret in no form`() throws {
        let file = try Self.file(
            "pskc-psk", [Self.record()], passphrase: Secret(text: "00112233445566778899aabbccddeeff"))
        #expect(!file.exposedText.contains("MTIz"))
        #expect(!file.exposedText.contains("PlainValue>MT"))
    }

    @Test func `A pre-shared key has the digits that importers take`() throws {
        for key in ["00", "0011", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "xyz", ""] {
            #expect(throws: FormatError.self) {
                try Self.file("pskc-psk", [Self.record()], passphrase: Secret(text: key))
            }
        }
        #expect(throws: FormatError(.missing, .isEncrypted, field: .passphrase)) {
            try Self.file("pskc-psk", [Self.record()])
        }
        #expect(throws: FormatError(.unsupported, .notEncrypted, field: .passphrase)) {
            try Self.file("pskc-multiotp", [Self.record()], passphrase: Self.password)
        }
    }

    @Test func `A pre-shared key of 256 bits has twice the digits`() throws {
        let key = String(repeating: "0011223344556677", count: 4)
        let file = try Self.file("pskc-strong-psk", [Self.record()], passphrase: Secret(text: key)).exposedText
        #expect(file.contains("xmlenc#aes256-cbc"))
        #expect(file.contains("xmldsig-more#hmac-sha256"))
        #expect(try read(Array(file.utf8), passphrase: Secret(text: key)) == [Self.record()])
        let half = Secret(text: String(key.prefix(32)))
        #expect(
            throws: FormatError(.unsupported, "not 64 hexadecimal digits, as many as AES-256 takes", field: .passphrase)
        ) {
            try Self.file("pskc-strong-psk", [Self.record()], passphrase: half)
        }
    }

    @Test func `What a file says beside its records is reported`() throws {
        let text = """
            <KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"><KeyPackage><CryptoModuleInfo><Id>1</Id>\
            </CryptoModuleInfo><Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><Data><Secret><PlainValue>\
            MTIzNA==</PlainValue></Secret></Data><Policy><KeyUsage>OTP</KeyUsage></Policy></Key></KeyPackage></KeyContainer>
            """
        let format = try #require(FormatList.named("pskc"))
        let reader = try format.reader(of: BufferSource(WipedBuffer(text.utf8)))
        #expect(try reader.next()?.serial == "1")
        #expect(try reader.next() == nil)
        #expect(reader.leftOut == [.cryptoModule, .policy])
    }

    @Test func `A thousand records are read while the source has given a part of them`() throws {
        let records = try (0..<1000).map { number in
            var record = try Self.record()
            record.serial = "KP\(number)"
            return record
        }
        let source = CountingSource(try Self.file("pskc", records))
        let reader = try #require(FormatList.named("pskc")).reader(of: source)
        #expect(try reader.next()?.serial == "KP0")
        #expect(source.count * 4 < source.total)
        var last: TokenRecord?
        while let record = try reader.next() { last = record }
        #expect(last == records.last)
    }
}

/// Other implementations read what is written here.
@Suite(
    .enabled(
        if: OutsideProgram.isInstalled("pskctool") && OutsideProgram.isInstalled("pskc2csv"),
        "pskctool and pskc-utils are not installed"))
struct PSKCInteroperabilityTests {
    private static func records(for name: String) throws -> [TokenRecord] {
        var generator = SeededGenerator(seed: 6030)
        let limits = try #require(FormatList.named(name)).limits
        return try (0..<20).map { _ in
            var record = try TokenRecord.fitting(limits, using: &generator)
            record.model = "Key <5> & \"more\""
            return record
        }
    }

    @Test(arguments: [
        ("pskc", nil), ("pskc", "pässword"), ("pskc-psk", "00112233445566778899aabbccddeeff"),
        ("pskc-multiotp", nil), ("pskc-strong", "pässword"), ("pskc-strong-psk", longKey),
    ])
    func `pskctool finds the file valid`(name: String, passphrase: String?) throws {
        let file = try PSKCTests.file(name, Self.records(for: name), passphrase: passphrase.map { Secret(text: $0) })
        let output = try withTemporaryFile(file.exposedBytes, extension: "xml") { path in
            try #require(OutsideProgram("pskctool")).run(["--validate", path])
        }
        #expect(String(decoding: output, as: UTF8.self).contains("OK"))
    }

    @Test(arguments: [
        ("pskc", nil, nil), ("pskc", "correct horse", "-p"),
        ("pskc-psk", "00112233445566778899aabbccddeeff", "-s"), ("pskc-multiotp", nil, nil),
        ("pskc-strong", "correct horse", "-p"), ("pskc-strong-psk", longKey, "-s"),
    ])
    func `python-pskc reads the same keys`(name: String, passphrase: String?, option: String?) throws {
        let records = try Self.records(for: name)
        let file = try PSKCTests.file(name, records, passphrase: passphrase.map { Secret(text: $0) })
        let columns = "serial,secret,counter,time_interval,response_length,algorithm,issuer,manufacturer,userid"
        let output = try withTemporaryFile(file.exposedBytes, extension: "xml") { path in
            try #require(OutsideProgram("pskc2csv")).run(
                ["-c", columns, "-e", "hex"] + [option, passphrase].compactMap(\.self) + [path])
        }
        let rows = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline).dropFirst().map(
            String.init)
        let expected = records.map { record in Self.row(of: record).joined(separator: ",") }
        #expect(rows == expected)
    }
}

extension PSKCInteroperabilityTests {
    private static let longKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

    /// The columns that pskc2csv is asked for, of a record that it has read.
    private static func row(of record: TokenRecord) -> [String] {
        let serial = record.serial ?? ""
        let manufacturer = record.manufacturer ?? ""
        switch record.content {
        case .oath(let credential):
            let (counter, interval, type) =
                switch credential.kind {
                case .hotp(let counter): ("\(counter)", "", "hotp")
                case .totp(let period): ("", "\(period)", "totp")
                }
            return [
                serial, credential.secret.exposedHex, counter, interval, "\(credential.digits)",
                "urn:ietf:params:xml:ns:keyprov:pskc:\(type)", credential.label.issuer ?? "", manufacturer,
                record.owner ?? "",
            ]
        case .yubicoOTP(let credential):
            let publicID = Modhex.encode(Secret(credential.publicID)).exposedText
            return [
                serial, credential.key.exposedHex, "", "", "44", "http://www.yubico.com/#yubikey-aes", "", manufacturer,
                "\"CN=\(publicID), UID=\(credential.privateID.exposedHex)\"",
            ]
        }
    }
}

/// Counts what was taken from it.
private final class CountingSource: ByteSource {
    private let source: BufferSource
    let total: Int
    private(set) var count = 0

    init(_ buffer: WipedBuffer) {
        source = BufferSource(buffer)
        total = buffer.count
    }

    func read(into buffer: WipedBuffer) {
        let start = buffer.count
        source.read(into: buffer)
        count += buffer.count - start
    }
}
