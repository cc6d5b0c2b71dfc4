import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@Suite struct MigrationTests {
    private static func credentials(_ count: Int) throws -> [Credential] {
        try (0..<count).map { number in
            try Credential(
                label: Label(issuer: "Example", account: "user\(number)@example.com"),
                secret: Secret.random(count: 20, from: SeededSource(seed: UInt64(number))))
        }
    }

    @Test func `Many accounts go on pages that a phone reads, and all come back`() throws {
        let format = try #require(FormatList.named("otpauth-migration"))
        let credentials = try Self.credentials(60)
        let file = WipedBuffer()
        try format.encode(credentials.map { TokenRecord(credential: $0) }, into: file)
        let pages = file.exposedText.split(separator: "\n")
        #expect((5...12).contains(pages.count))
        for page in pages {
            #expect(page.utf8.count <= 1273)
            let code = try QRCode(encoding: Secret(text: String(page)), correction: .l)
            #expect(code.size <= 17 + 4 * 25)
        }
        let shuffled = pages.reversed().joined(separator: "\n")
        let read = try withBytes(of: shuffled) { (bytes: RawSpan) throws(FormatError) in try format.decode(bytes) }
        #expect(Set(read.compactMap { $0.credential?.label.account }).count == 60)
        #expect(
            read.compactMap { $0.credential?.secret.exposedHex }.sorted()
                == credentials.map(\.secret.exposedHex).sorted())
    }

    @Test func `Two exports have different numbers`() throws {
        let format = try #require(FormatList.named("otpauth-migration"))
        let records = try Self.credentials(1).map { TokenRecord(credential: $0) }
        let files = try (0..<2).map { _ in
            let file = WipedBuffer()
            try format.encode(records, into: file)
            return file.exposedText
        }
        #expect(files[0] != files[1])
        let both = files.joined()
        #expect(
            formatError { () throws(FormatError) in
                try withBytes(of: both) { (bytes: RawSpan) throws(FormatError) in try format.decode(bytes) }
            }?.line == 2)
    }
}
