internal import ByteBuffers

/// What `authelia storage user totp export` writes and `import` reads (Authelia 4.38, `TOTPConfigurationExport`).
///
/// ```
/// totp_configurations:
///     - created_at: 2026-11-21T12:00:00Z
///       last_used_at: null
///       username: "alice"
///       issuer: "Example"
///       algorithm: SHA1
///       digits: 6
///       period: 30
///       secret: …          base64 of the base32 text, not of the key
/// ```
///
/// Of YAML it is one list of flat mappings, and no more is read: `YAMLPair` says what a line may be. A library for all
/// of YAML would keep the secrets in memory that it does not wipe. Six or eight digits and steps from 15 seconds on are
/// what Authelia's own configuration allows. An import replaces what a user had, so a second record of an owner is
/// refused.
struct AutheliaFormat: SecretFormat {
    let name = "authelia"
    let summary = "export of Authelia's one-time passwords, in YAML"
    let limits = FormatLimits(
        readBy: "Authelia", kinds: [.totp], digits: [6, 8], periods: .atLeast(15), carried: [.issuer],
        required: [.owner])

    fileprivate static let root: StaticString = "totp_configurations"

    func recognizes(_ start: RawSpan) -> Bool {
        let lines = LineReader(BufferSource(copying: start))
        do throws(FormatError) {
            while let isRoot = try lines.next({ (line: RawSpan) -> Bool? in
                AutheliaDecoder.isBeside(line) ? nil : line.starts(withASCII: Self.root)
            }) {
                if let isRoot { return isRoot }
            }
        } catch {
            return false
        }
        return false
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        AutheliaDecoder(LineReader(source))
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding {
        OncePerOwner(AutheliaEncoder(created: Timestamp(unixTime: options.unixTime)))
    }
}

private final class AutheliaDecoder: RecordDecoding {
    private let lines: LineReader
    private var hasRoot = false
    private var isAtEnd = false
    /// The configuration whose lines are being read.
    private var current: Configuration?

    init(_ lines: LineReader) { self.lines = lines }

    /// Whether a line is a comment or the mark of a document's start.
    static func isBeside(_ line: RawSpan) -> Bool { line.first == UInt8(ascii: "#") || line.equals(ascii: "---") }

    func next() throws(FormatError) -> TokenRecord? {
        while !isAtEnd {
            let found = try lines.next { (line: RawSpan) throws(FormatError) -> Configuration? in try read(line) }
            if let found {
                if let complete = found { return try complete.record() }
            } else {
                isAtEnd = true
                guard hasRoot else { throw FormatError(.missing, .noHeader) }
                return try current?.record()
            }
        }
        return nil
    }

    /// The configuration before, where the line begins another.
    private func read(_ line: RawSpan) throws(FormatError) -> Configuration? {
        guard !Self.isBeside(line) else { return nil }
        guard hasRoot else {
            let root = try YAMLPair(line)
            guard root.name == AutheliaFormat.root.description else { throw FormatError(.missing, .noHeader) }
            guard root.value == nil else { throw FormatError(.unsupported, .otherYAML) }
            hasRoot = true
            return nil
        }
        guard YAMLPair.beginsElement(line) else {
            guard current != nil else { throw FormatError(.malformed, .otherYAML) }
            try current?.add(try YAMLPair(line))
            return nil
        }
        let complete = current
        var next = Configuration(line: lines.number)
        try next.add(try YAMLPair(line.extracting(droppingFirst: 1)))
        current = next
        return complete
    }

    private struct Configuration {
        let line: Int
        private var values: [String: WipedBuffer?] = [:]

        /// - Parameter line: its first.
        init(line: Int) { self.line = line }

        mutating func add(_ pair: YAMLPair) throws(FormatError) {
            guard values.updateValue(pair.value, forKey: pair.name) == nil else {
                throw FormatError(.duplicate, .givenTwice)
            }
        }

        func record() throws(FormatError) -> TokenRecord {
            do throws(FormatError) {
                let owner = try text("username", .owner)
                let name = try text("algorithm", .algorithm) ?? ""
                guard let algorithm = HashAlgorithm(rawValue: name) else {
                    throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
                }
                let columns = OATHColumns(
                    isCounted: false, secret: try secret(), algorithm: algorithm,
                    digits: try number("digits", .digits), moving: try number("period", .period))
                return TokenRecord(
                    owner: owner,
                    credential: try columns.credential(Label(issuer: text("issuer", .issuer), account: owner ?? "")))
            } catch {
                throw error.on(line: line)
            }
        }

        private func text(_ name: String, _ field: FormatError.Field) throws(FormatError) -> String? {
            guard let buffer = values[name] ?? nil else { return nil }
            guard let text = buffer.withBytes({ $0.utf8Text() }) else {
                throw FormatError(.malformed, .notUTF8, field: field)
            }
            return text.isEmpty ? nil : text
        }

        /// One that is missing is 0 to Authelia, which makes no codes.
        private func number(_ name: String, _ field: FormatError.Field) throws(FormatError) -> UInt64 {
            guard let buffer = values[name] ?? nil else { throw FormatError(.missing, .empty, field: field) }
            do throws(FormatError) {
                return try buffer.withBytes { (bytes: RawSpan) throws(FormatError) in try bytes.decimalNumber() }
            } catch {
                throw error.about(field)
            }
        }

        private func secret() throws(FormatError) -> Secret {
            guard let buffer = values["secret"] ?? nil else { throw FormatError(.missing, .empty, field: .secret) }
            do throws(FormatError) {
                return try buffer.withBytes(Base64.decode).withBytes(Base32.decode)
            } catch {
                throw error.about(.secret)
            }
        }
    }
}

private final class AutheliaEncoder: RecordEncoding {
    private let created: Timestamp

    init(created: Timestamp) { self.created = created }

    func start(into output: WipedBuffer) {
        output.append(AutheliaFormat.root)
        output.append(":\n")
    }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        output.append(contentsOf: "    - created_at: \(created.iso)Z\n      last_used_at: null\n".utf8)
        output.append(contentsOf: "      username: \(YAMLPair.quoted(record.login ?? ""))\n".utf8)
        output.append(contentsOf: "      issuer: \(YAMLPair.quoted(credential.label.issuer ?? ""))\n".utf8)
        output.append(contentsOf: "      algorithm: \(credential.algorithm.rawValue)\n".utf8)
        output.append(contentsOf: "      digits: \(credential.digits)\n      period: \(credential.moving)\n".utf8)
        output.append("      secret: ")
        Base32.encode(credential.secret).withBytes { Base64.encode($0, into: output) }
        output.append("\n")
    }
}
