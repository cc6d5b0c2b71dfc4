import ByteBuffers
import SecretFormats
import TestSupport
import Testing

/// What files of servers have to say beside the records themselves.
@Suite struct ServerFormatTests {
    private static func record(owner: String) throws -> TokenRecord {
        TokenRecord(
            serial: "KP0001", owner: owner,
            credential: try Credential(label: Label(account: owner), secret: Secret(text: "12345678901234567890")))
    }

    @Test(arguments: ["keycloak", "authelia"])
    func `A second record of an owner is refused, in capital letters too`(name: String) throws {
        let writer = try #require(FormatList.named(name)).writer()
        let file = WipedBuffer()
        try writer.start(into: file)
        try writer.append(Self.record(owner: "alice"), into: file)
        try writer.append(Self.record(owner: "bob"), into: file)
        let length = file.count
        let error = formatError { () throws(FormatError) in
            guard let record = try? Self.record(owner: "Alice") else { return }
            try writer.append(record, into: file)
        }
        #expect(error?.code == .duplicate)
        #expect(error?.field == .owner)
        #expect(error?.record == 3)
        #expect(file.count == length)
    }

    @Test func `Passwords beside a one-time password are reported`() throws {
        let text = """
            {"users":[{"username":"carol","credentials":[{"type":"password"},{"type":"otp",\
            "secretData":"{\\"value\\":\\"GEZDGNBV\\"}",\
            "credentialData":"{\\"subType\\":\\"totp\\",\\"secretEncoding\\":\\"BASE32\\"}"}]}]}
            """
        let reader = try #require(FormatList.named("keycloak")).reader(of: BufferSource(WipedBuffer(text.utf8)))
        #expect(try reader.next()?.owner == "carol")
        #expect(try reader.next() == nil)
        #expect(reader.leftOut == [.password])
    }

    @Test func `An access code that a file has no place for is reported`() throws {
        let source = SeededSource(seed: 1)
        let record = TokenRecord(
            serial: "12345678",
            content: .yubicoOTP(
                try YubicoOTPCredential(
                    publicID: [1, 2, 3, 4, 5, 6], privateID: Secret.random(count: 6, from: source),
                    key: Secret.random(count: 16, from: source), accessCode: Secret.random(count: 6, from: source))))
        for (name, lost) in [("pskc", Set([FormatError.Field.accessCode])), ("yubico", [])] {
            let writer = try #require(FormatList.named(name)).writer()
            let file = WipedBuffer()
            try writer.start(into: file)
            try writer.append(record, into: file)
            #expect(writer.leftOut == lost, "\(name)")
        }
    }

    @Test(arguments: ["", "example..com", "lab_1.invalid", "dc=", "cn=a+uid=b", "dc=lab,", "o=#0401"])
    func `A realm that is neither a domain nor a name of a directory is refused`(realm: String) throws {
        var record = try Self.record(owner: "alice")
        record.realm = realm
        let format = try #require(FormatList.named("openldap"))
        let output = WipedBuffer()
        let writer = try format.writer()
        let error = formatError { () throws(FormatError) in try writer.append(record, into: output) }
        #expect(error?.field == .realm)
        #expect(output.isEmpty)
    }
}
