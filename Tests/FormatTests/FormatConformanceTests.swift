import ByteBuffers
import SecretFormats
import TestSupport
import Testing

/// What holds for every format of the list.
@Suite struct FormatConformanceTests {
    /// Digits of a key, where one is taken for a key: as many as its cipher wants.
    private static func passphrase(for format: any SecretFormat) -> Secret {
        let digits = "31323334353637383930313233343536"
        return Secret(text: format.name == "pskc-strong-psk" ? digits + digits : digits)
    }

    private static func options(for format: any SecretFormat) -> EncodingOptions {
        EncodingOptions(
            passphrase: format.encryption == .required ? passphrase(for: format) : nil, random: SeededSource(seed: 1),
            iterations: 10)
    }

    private static func read(_ file: WipedBuffer, as format: any SecretFormat, label: Label) throws -> [TokenRecord] {
        let options = DecodingOptions(label: label, passphrase: passphrase(for: format))
        return try file.withBytes { (bytes: RawSpan) throws(FormatError) in
            try format.decode(bytes, options: options)
        }
    }

    @Test(arguments: FormatList.writable)
    func `A record within the limits comes back as it was`(name: String) throws {
        let format = try #require(FormatList.named(name))
        var generator = SeededGenerator(seed: 4226)
        for _ in 0..<200 {
            let record = try TokenRecord.fitting(format.limits, using: &generator)
            let file = WipedBuffer()
            try format.encode([record], options: Self.options(for: format), into: file)
            guard format.isReadable else { continue }
            let label = try record.credential?.label ?? Label(account: "x")
            let read = try #require(Self.read(file, as: format, label: label).first)
            expectSame(record, read, format)
        }
    }

    /// Text fields with every hostile character: written so that they read the same, or refused without a byte.
    @Test(arguments: FormatList.writable)
    func `A hostile name is carried as it is or refused`(name: String) throws {
        let format = try #require(FormatList.named(name))
        var generator = SeededGenerator(seed: 20)
        var written = 0
        for _ in 0..<400 {
            var record = try TokenRecord.fitting(format.limits, using: &generator)
            let random = try Credential.random(using: &generator).label
            if let credential = record.credential {
                record.content = .oath(
                    try Credential(
                        label: random, kind: credential.kind, algorithm: credential.algorithm,
                        digits: credential.digits, secret: credential.secret))
            }
            record.owner = Bool.random(using: &generator) ? random.account : nil
            record.manufacturer = random.issuer ?? "Example"
            if Int.random(in: 0..<4, using: &generator) == 0 { record.serial = random.account }
            let writer = try format.writer(options: Self.options(for: format))
            let file = WipedBuffer()
            try writer.start(into: file)
            let startLength = file.count
            do throws(FormatError) {
                try writer.append(record, into: file)
            } catch {
                #expect(file.count == startLength, "\(name): \(error)")
                #expect(error.record == 1)
                #expect(error.field != nil)
                continue
            }
            try writer.end(into: file)
            written += 1
            guard format.isReadable else { continue }
            let read = try Self.read(file, as: format, label: random)
            #expect(read.count == 1)
            if let first = read.first { expectSame(record, first, format) }
        }
        #expect(written > 0, "\(name)")
    }

    @Test(arguments: FormatList.writable)
    func `What the limits exclude is refused with its field, before a byte is written`(name: String) throws {
        let format = try #require(FormatList.named(name))
        var generator = SeededGenerator(seed: 7)
        let limits = format.limits
        guard limits.kinds.contains(.totp) || limits.kinds.contains(.hotp) else { return }
        let wrong: [(FormatError.Field, Credential.Kind, HashAlgorithm, Int, Int)] =
            HashAlgorithm.allCases.filter { !limits.algorithms.contains($0) }
            .map { (.algorithm, .totp(period: 30), $0, limits.digits[0], 20) }
            + Credential.digitsRange.filter { !limits.digits.contains($0) }
            .map { (.digits, .totp(period: 30), limits.algorithms[0], $0, 20) }
            + [
                (
                    .secret, .totp(period: 30), limits.algorithms[0], limits.digits[0],
                    limits.secretLengths.upperBound + 1
                )
            ].filter { $0.4 <= Credential.secretRange.upperBound }
        for (field, kind, algorithm, digits, length) in wrong {
            var record = try TokenRecord.fitting(limits, using: &generator)
            let label = try record.credential?.label ?? Label(account: "alice")
            let fittingKind: Credential.Kind =
                limits.kinds.contains(.totp) ? kind : .hotp(counter: limits.counters.lowerBound)
            record.content = .oath(
                try Credential(
                    label: label, kind: fittingKind, algorithm: algorithm, digits: digits,
                    secret: Secret(Array(repeating: 1, count: length))))
            try expectRefusal(record, field, format)
        }
        for field in limits.required {
            var record = try TokenRecord.fitting(limits, using: &generator)
            switch field {
            case .serial: record.serial = nil
            case .manufacturer: record.manufacturer = nil
            case .model: record.model = nil
            case .realm: record.realm = nil
            default: continue
            }
            try expectRefusal(record, field, format)
        }
    }

    @Test(arguments: FormatList.writable)
    func `A format is among those that its own files are recognized as`(name: String) throws {
        let format = try #require(FormatList.named(name))
        guard format.isReadable else { return }
        var generator = SeededGenerator(seed: 1)
        let file = WipedBuffer()
        let records = [try TokenRecord.fitting(format.limits, using: &generator)]
        try format.encode(records, options: Self.options(for: format), into: file)
        let found = file.withBytes { file in FormatList.candidates(for: file).map(\.name) }
        #expect(found.contains(format.family))
        #expect(withBytes(of: "<html>", format.recognizes) == false)
        #expect(format.recognizes(RawSpan()) == false)
    }

    @Test(arguments: FormatList.all.filter { !$0.isWritable }.map(\.name))
    func `A format that is read only says so, and can be read`(name: String) throws {
        let format = try #require(FormatList.named(name))
        #expect(format.isReadable)
        let options = Self.options(for: format)
        #expect(throws: FormatError(.unsupported, .readOnly)) { try format.writer(options: options) }
        #expect(throws: FormatError(.unsupported, .readOnly)) { try format.makeEncoder(options: options) }
    }

    @Test func `The names of formats are unique and fit a command line`() {
        let names = FormatList.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" } })
        #expect(FormatList.named("nonsense") == nil)
        #expect(FormatList.all.allSatisfy { FormatList.named($0.family)?.family == $0.family })
    }

    private func expectRefusal(_ record: TokenRecord, _ field: FormatError.Field, _ format: any SecretFormat) throws {
        let output = WipedBuffer()
        let writer = try format.writer(options: Self.options(for: format))
        let error = formatError { () throws(FormatError) in try writer.append(record, into: output) }
        #expect(error?.field == field, "\(format.name)")
        #expect(error?.reason.text.contains(format.limits.readBy) == true, "\(format.name)")
        #expect(output.isEmpty)
    }

    private func expectSame(_ record: TokenRecord, _ read: TokenRecord, _ format: any SecretFormat) {
        let limits = format.limits
        if case .yubicoOTP(let old) = record.content, case .yubicoOTP(let new) = read.content {
            #expect(old.key == new.key)
            #expect(old.privateID == new.privateID)
            if !limits.unwritten.contains(.publicID) { #expect(old == new, "\(format.name)") }
        }
        if let old = record.credential, let new = read.credential {
            #expect(old.secret == new.secret)
            if limits.unwritten.isEmpty {
                #expect(old.kind == new.kind)
                #expect(old.algorithm == new.algorithm)
                #expect(old.digits == new.digits)
            }
            if limits.carried.contains(.issuer) { #expect(old.label.issuer == new.label.issuer, "\(format.name)") }
            if limits.carried.contains(.account) { #expect(old.label.account == new.label.account, "\(format.name)") }
        } else {
            #expect((record.credential == nil) == (read.credential == nil))
        }
        if limits.carried.contains(.serial) { #expect(record.serial == read.serial) }
        if limits.carried.contains(.owner) {
            // The account is written as the owner where there is a place for one of the two only; an account that is
            // the serial number is nobody's name.
            let account = record.credential?.label.account
            let login = limits.carried.contains(.account) || account == record.serial ? nil : account
            #expect((record.owner ?? login) == read.owner, "\(format.name)")
        }
        if limits.carried.contains(.manufacturer) { #expect(record.manufacturer == read.manufacturer) }
        if limits.carried.contains(.model) { #expect(record.model == read.model) }
    }
}
