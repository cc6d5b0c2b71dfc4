import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@Suite struct FormatLimitsTests {
    private static func record(
        _ kind: Credential.Kind = .totp(period: 30), _ algorithm: HashAlgorithm = .sha1, digits: Int = 6,
        length: Int = 20, serial: String? = "KP1"
    ) throws -> TokenRecord {
        TokenRecord(
            serial: serial,
            credential: try Credential(
                label: Label(issuer: "Example", account: "alice"), kind: kind, algorithm: algorithm, digits: digits,
                secret: Secret(Array(repeating: 7, count: length))))
    }

    private func refusal(_ name: String, _ record: TokenRecord) throws -> String? {
        let limits = try #require(FormatList.named(name)).limits
        return formatError { () throws(FormatError) in try limits.check(record) }.map { "\($0)" }
    }

    @Test func `A refusal names the field, the reader and what it takes`() throws {
        #expect(try refusal("entra", Self.record()) == "manufacturer: Microsoft Entra ID needs one")
        #expect(
            try refusal("freeradius", Self.record(.totp(period: 60))) == "period: FreeRADIUS takes 30 seconds only")
        #expect(
            try refusal("users-oath", Self.record(.totp(period: 90)))
                == "period: libpam-oath takes 30 or 60 seconds only")
        #expect(try refusal("users-oath", Self.record(length: 33)) == "secret: libpam-oath takes 1 to 32 bytes only")
        #expect(try refusal("linotp", Self.record(.hotp(counter: 1))) == "counter: LinOTP takes 0 only")
        #expect(try refusal("2fas", Self.record(.hotp(counter: 1 << 31))) == "counter: 2FAS takes 0 to 2147483647 only")
        #expect(try refusal("freeipa", Self.record(digits: 7)) == "digits: FreeIPA takes 6 or 8 only")
        #expect(try refusal("duo-t6", Self.record(.hotp(counter: 0))) == "type: Duo takes totp only")
        #expect(try refusal("netiq", Self.record(serial: nil)) == "serial: NetIQ Advanced Authentication needs one")
        #expect(
            try refusal("users-oath", Self.record(.totp(period: 30), .sha256))
                == "algorithm: libpam-oath takes SHA1 only")
    }

    @Test(arguments: [
        (HashAlgorithm.sha1, 20, true), (.sha1, 32, false), (.sha1, 28, false), (.sha1, 48, false), (.sha1, 64, false),
        (.sha256, 32, true), (.sha256, 20, false), (.sha512, 64, true), (.sha512, 32, false),
    ]) func `privacyIDEA takes the hash from the length, so others are refused`(
        algorithm: HashAlgorithm, length: Int, isTaken: Bool
    ) throws {
        let refusal = try refusal("privacyidea", Self.record(.totp(period: 30), algorithm, length: length))
        #expect((refusal == nil) == isTaken)
    }

    @Test func `What changes no code is left out and reported`() throws {
        let format = try #require(FormatList.named("privacyidea"))
        var record = try Self.record()
        record.owner = "bob"
        #expect(format.limits.omissions(of: record) == [.issuer, .account, .owner])
        // The account of a record without a name is its serial number, which is carried.
        let unnamed = TokenRecord(
            serial: "KP1",
            credential: try Credential(label: Label(account: "KP1"), secret: Secret(text: "12345678901234567890")))
        #expect(format.limits.omissions(of: unnamed).isEmpty)
    }

    @Test func `Settings that a bare secret does not say are reported`() throws {
        let limits = try #require(FormatList.named("base32")).limits
        #expect(
            limits.omissions(of: try Self.record(.hotp(counter: 5), .sha512, digits: 8))
                .isSuperset(of: [.type, .counter, .algorithm, .digits]))
        #expect(limits.omissions(of: try Self.record(.totp(period: 60))).contains(.period))
        #expect(
            limits.omissions(of: try Self.record()).isDisjoint(with: [.type, .counter, .algorithm, .digits, .period]))
    }
}

/// A text file as it comes: in blocks of any length, with any line ends.
@Suite struct LineReaderTests {
    /// Hands out a few bytes at a time, and then an error if asked to.
    private final class DrippingSource: ByteSource {
        private var rest: ArraySlice<UInt8>
        private let step: Int
        private let failsAtEnd: Bool

        init(_ text: String, step: Int, failsAtEnd: Bool = false) {
            rest = Array(text.utf8)[...]
            self.step = step
            self.failsAtEnd = failsAtEnd
        }

        func read(into buffer: WipedBuffer) throws(FormatError) {
            if rest.isEmpty, failsAtEnd { throw FormatError(.unreadable, "the disk is gone") }
            buffer.append(contentsOf: rest.prefix(step))
            rest = rest.dropFirst(step)
        }
    }

    private static let file = """
        \u{FEFF}# a comment\r\nA1,3132333435363738393031323334353637383930,hotp,6,1\r\n\n  \nA2,3132333435363738393031323334353637383930,hotp,6,2
        """

    @Test(arguments: [1, 2, 3, 7, 64, 10_000]) func `Blocks of any length give the same records`(step: Int) throws {
        let format = try #require(FormatList.named("privacyidea"))
        let reader = try format.reader(of: DrippingSource(Self.file, step: step))
        #expect(try reader.next()?.serial == "A1")
        #expect(try reader.next()?.serial == "A2")
        #expect(try reader.next() == nil)
    }

    @Test func `A line without an end is refused before it is all in memory`() throws {
        let format = try #require(FormatList.named("privacyidea"))
        let source = EndlessSource()
        let reader = try format.reader(of: source)
        #expect(throws: FormatError(.unsupported, .lineTooLong, line: 1)) { try reader.next() }
        #expect(source.count < 1 << 20)
    }

    /// A text, a name and a list that never end.
    @Test(arguments: [
        ("pskc", "<KeyContainer xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><KeyPackage><Key Id=\"1\"><Issuer>"),
        ("pskc", "<KeyContainer xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><"), ("aegis", "{\"header\":\""),
        ("stratum", "AUTHENTICATORPRO"), ("andotp", "\u{0}\u{2}\u{30}\u{0}"), ("ente", "{\"kdfParams\":\""),
        ("keepassxc", "<KeePassFile><Root><Group><Name>"), ("keepassxc", "<KeePassFile><Root><Group><"),
        ("bitwarden-csv", "folder,favorite,type,name,login_totp\n,,login,\""),
    ]) func `A document without an end is refused while there is memory`(name: String, start: String) throws {
        let source = EndlessSource(after: start)
        let reader = try #require(FormatList.named(name)).reader(of: source)
        #expect(throws: FormatError.self) { try reader.next() }
        #expect(source.count < 80 << 20)
    }

    @Test(arguments: ["privacyidea", "pskc", "aegis"]) func `A source that fails is no end of the file`(name: String)
        throws
    {
        let reader = try #require(FormatList.named(name)).reader(
            of: DrippingSource("A1,3132,hotp,6,1\n", step: 5, failsAtEnd: true))
        #expect(throws: FormatError.self) { while try reader.next() != nil {} }
    }

    private final class EndlessSource: ByteSource {
        private var start: [UInt8]
        private(set) var count = 0

        init(after start: String = "") { self.start = Array(start.utf8) }

        func read(into buffer: WipedBuffer) {
            buffer.append(contentsOf: start)
            start = []
            buffer.append(repeating: UInt8(ascii: "A"), count: 1 << 16)
            count += 1 << 16
        }
    }
}
