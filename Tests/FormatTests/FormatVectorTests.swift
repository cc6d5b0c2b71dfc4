import ByteBuffers
import SecretFormats
import TestSupport
import Testing

/// Every format of the list against its folder of vectors.
@Suite struct FormatVectorTests {
    @Test(arguments: FormatList.readable)
    func `Vectors give the records or the error they promise`(name: String) throws {
        let format = try #require(FormatList.named(name))
        for vector in try FormatVector.all(for: format) {
            let expectation = try #require(vector.value("expect"), "\(vector.name)")
            let options = try options(of: vector)
            do throws(FormatError) {
                let records = try decode(vector.input, as: format, options)
                #expect(expectation == "success", "\(vector.name)")
                #expect(records.map(\.summary) == vector.values("record"), "\(vector.name)")
                if vector.value("canonical") == "never" || !format.isWritable { continue }
                let again = try encode(records, as: format, options)
                #expect((again == vector.input) == (vector.value("canonical") != "no"), "\(vector.name)")
                #expect(
                    try decode(again, as: format, options).map { $0.keeping(format.limits.carried) }
                        == records.map { $0.keeping(format.limits.carried) }, "\(vector.name)")
            } catch {
                #expect(error.code.rawValue == expectation, "\(vector.name)")
                if let reason = vector.value("reason") { #expect(error.reason.text == reason, "\(vector.name)") }
                if let field = vector.value("field") { #expect(error.field?.name == field, "\(vector.name)") }
                #expect(error.position.map(String.init) == vector.value("position"), "\(vector.name)")
                #expect(
                    error.line.map(String.init) == vector.value("line"), "\(vector.name): line")
            }
        }
    }

    @Test(arguments: FormatList.readable)
    func `Truncated and mutated vectors give a value or our error`(name: String) throws {
        let format = try #require(FormatList.named(name))
        var generator = SeededGenerator(seed: 6030)
        for vector in try FormatVector.all(for: format) where vector.value("expect") == "success" {
            let options = try options(of: vector)
            // A file with a slow key derivation is changed less often.
            let (step, changes) =
                vector.value("cost") == "high" ? (397, 10) : options.passphrase != nil ? (97, 50) : (1, 500)
            let cut = stride(from: 0, to: vector.input.count, by: step).map { Array(vector.input.prefix($0)) }
            let changed = (0..<changes).map { _ in mutated(vector.input, using: &generator) }
            for input in cut + changed {
                do throws(FormatError) {
                    let records = try decode(input, as: format, options)
                    guard format.isWritable else { continue }
                    // Whatever was taken is written so that it reads the same, or refused.
                    do throws(FormatError) {
                        let again = try encode(records, as: format, options)
                        #expect(
                            try decode(again, as: format, options).map { $0.keeping(format.limits.carried) }
                                == records.map { $0.keeping(format.limits.carried) }, "\(vector.name)")
                    } catch {
                        #expect(error.record != nil, "\(vector.name): \(error)")
                    }
                } catch {
                    #expect(!error.reason.text.isEmpty)
                }
            }
            #expect(formatError { () throws(FormatError) in try decode([], as: format, options) } != nil)
        }
    }

    /// Short files, of which the first few hundred bytes are all, and real ones of other programs.
    @Test(arguments: FormatList.readable)
    func `A file that can be read is recognized by its content`(name: String) throws {
        let format = try #require(FormatList.named(name))
        for vector in try FormatVector.all(for: format)
        where vector.value("expect") == "success" && vector.value("recognized") != "no" {
            let names = WipedBuffer(vector.input).withBytes { input in FormatList.candidates(for: input).map(\.name) }
            #expect(names.contains(format.family), "\(vector.name): \(names)")
        }
    }

    private func options(of vector: FormatVector) throws -> Options {
        var options = Options()
        if let text = vector.value("label") {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            options.label = try Label(issuer: parts.count == 2 ? parts[0] : nil, account: parts[parts.count - 1])
        }
        options.passphrase = vector.value("passphrase").map { Secret(text: $0) }
        return options
    }

    /// 2026-11-21 12:00 UTC, as in the vectors.
    private static let noon = 1_795_262_400

    private struct Options {
        var label: Label?
        var passphrase: Secret?
    }

    private func decode(
        _ input: [UInt8], as format: any SecretFormat, _ options: Options
    ) throws(FormatError) -> [TokenRecord] {
        try WipedBuffer(input).withBytes { (input: RawSpan) throws(FormatError) in
            try format.decode(
                input, options: DecodingOptions(label: options.label, passphrase: options.passphrase))
        }
    }

    private func encode(
        _ records: [TokenRecord], as format: any SecretFormat, _ options: Options
    ) throws(FormatError) -> [UInt8] {
        let output = WipedBuffer()
        try format.encode(
            records,
            options: EncodingOptions(
                passphrase: format.encryption == .none ? nil : options.passphrase, random: SeededSource(seed: 1),
                iterations: 10, unixTime: Self.noon),
            into: output)
        return output.exposedBytes
    }
}

extension FormatList {
    static var readable: [String] { all.filter(\.isReadable).map(\.name) }
    static var writable: [String] { all.filter(\.isWritable).map(\.name) }
}

extension TokenRecord {
    /// Without the descriptive fields that are not among `fields`: some are read and not written.
    func keeping(_ fields: Set<FormatError.Field>) -> TokenRecord {
        TokenRecord(
            serial: fields.contains(.serial) ? serial : nil,
            manufacturer: fields.contains(.manufacturer) ? manufacturer : nil,
            model: fields.contains(.model) ? model : nil, owner: fields.contains(.owner) ? owner : nil,
            realm: fields.contains(.realm) ? realm : nil, resolver: fields.contains(.resolver) ? resolver : nil,
            content: content)
    }

    /// `serial|issuer|account|totp 30|SHA1|6|secret in hexadecimal`, a minus for what is not there; behind that
    /// `name=value` for the other fields of a record that are there.
    var summary: String {
        var parts = [serial ?? "-"]
        switch content {
        case .oath(let credential):
            let kind =
                switch credential.kind {
                case .totp(let period): "totp \(period)"
                case .hotp(let counter): "hotp \(counter)"
                }
            parts += [
                credential.label.issuer ?? "-", credential.label.account, kind, credential.algorithm.rawValue,
                String(credential.digits), credential.secret.exposedHex,
            ]
        case .yubicoOTP(let yubico):
            parts += [
                "yubico", hex(yubico.publicID), yubico.privateID.exposedHex, yubico.key.exposedHex,
                yubico.accessCode?.exposedHex ?? "-",
            ]
        }
        let others = [
            ("owner", owner), ("realm", realm), ("resolver", resolver), ("manufacturer", manufacturer),
            ("model", model),
        ]
        return (parts + others.compactMap { name, value in value.map { "\(name)=\($0)" } }).joined(separator: "|")
    }
}
