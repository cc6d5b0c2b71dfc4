import ByteBuffers
import SecretFormats
import TestSupport
import Testing

/// Every format of the list against its folder of vectors.
@Suite struct FormatVectorTests {
    @Test(arguments: SecretFormats.all.map(\.name))
    func `Vectors give the records or the error they promise`(name: String) throws {
        let format = try #require(SecretFormats.named(name))
        for vector in try FormatVector.all(for: format) {
            let expectation = try #require(vector.value("expect"), "\(vector.name)")
            let label = try label(of: vector)
            do throws(FormatError) {
                let records = try decode(vector.input, as: format, label: label)
                #expect(expectation == "success", "\(vector.name)")
                #expect(records.map(Self.summary) == vector.values("record"), "\(vector.name)")
                let again = try encode(records, as: format)
                #expect((again == vector.input) == (vector.value("canonical") != "no"), "\(vector.name)")
                #expect(try decode(again, as: format, label: label).map(\.credential) == records.map(\.credential))
            } catch {
                #expect(error.code.rawValue == expectation, "\(vector.name)")
                if let reason = vector.value("reason") { #expect(error.reason.text == reason, "\(vector.name)") }
                if let field = vector.value("field") { #expect(error.field?.name == field, "\(vector.name)") }
                #expect(error.position.map(String.init) == vector.value("position"), "\(vector.name)")
                #expect(error.line.map(String.init) == vector.value("line"), "\(vector.name)")
            }
        }
    }

    @Test(arguments: SecretFormats.all.map(\.name))
    func `Truncated and mutated vectors give a value or our error`(name: String) throws {
        let format = try #require(SecretFormats.named(name))
        var generator = SeededGenerator(seed: 6030)
        for vector in try FormatVector.all(for: format) where vector.value("expect") == "success" {
            let label = try label(of: vector)
            let cut = (0..<vector.input.count).map { Array(vector.input.prefix($0)) }
            let changed = (0..<500).map { _ in mutated(vector.input, using: &generator) }
            for input in cut + changed {
                do throws(FormatError) {
                    let records = try decode(input, as: format, label: label)
                    // Whatever was taken is written so that it reads the same.
                    let again = try encode(records, as: format)
                    #expect(try decode(again, as: format, label: label).map(\.credential) == records.map(\.credential))
                } catch {
                    #expect(!error.reason.text.isEmpty)
                }
            }
            #expect(formatError { () throws(FormatError) in try decode([], as: format, label: label) } != nil)
        }
    }

    @Test(arguments: SecretFormats.all.map(\.name))
    func `A format recognizes its own files, and no other does before it`(name: String) throws {
        let format = try #require(SecretFormats.named(name))
        var generator = SeededGenerator(seed: 1)
        let records = try (0..<20).map { _ in
            let random = try Credential.random(using: &generator)
            let secret = try Secret.random(count: 20, from: SeededSource(seed: generator.next()))
            return TokenRecord(credential: try Credential(label: random.label, kind: random.kind, secret: secret))
        }
        let file = WipedBuffer()
        try format.encode(records, into: file)
        #expect(file.withBytes { file in SecretFormats.recognizing(file)?.name } == name)
        #expect(withBytes(of: "<html>", format.recognizes) == false)
        #expect(format.recognizes(RawSpan()) == false)
    }

    @Test func `The names of formats are unique and fit a command line`() {
        let names = SecretFormats.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" } })
        #expect(SecretFormats.named("nonsense") == nil)
    }

    /// `serial|issuer|account|totp 30|SHA1|6|secret in hexadecimal`; a minus for what is not there.
    static func summary(_ record: TokenRecord) -> String {
        let credential = record.credential
        let kind =
            switch credential.kind {
            case .totp(let period): "totp \(period)"
            case .hotp(let counter): "hotp \(counter)"
            }
        return [
            record.serial ?? "-", credential.label.issuer ?? "-", credential.label.account, kind,
            credential.algorithm.rawValue, String(credential.digits), credential.secret.exposedHex,
        ].joined(separator: "|")
    }

    private func label(of vector: FormatVector) throws -> Label? {
        guard let text = vector.value("label") else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        return try Label(issuer: parts.count == 2 ? parts[0] : nil, account: parts[parts.count - 1])
    }

    private func decode(
        _ input: [UInt8], as format: any SecretFormat, label: Label?
    ) throws(FormatError) -> [TokenRecord] {
        try WipedBuffer(input).withBytes { (input: RawSpan) throws(FormatError) in
            try format.decode(input, label: label)
        }
    }

    private func encode(_ records: [TokenRecord], as format: any SecretFormat) throws(FormatError) -> [UInt8] {
        let output = WipedBuffer()
        try format.encode(records, into: output)
        return output.exposedBytes
    }
}
