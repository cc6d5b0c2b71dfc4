internal import ByteBuffers

/// The attributes of an entry that tell of one-time passwords.
struct KeePassEntry {
    private var title: String?
    private var user: String?
    private var otp: WipedBuffer?
    private var seed: WipedBuffer?
    private var settings: String?
    private var timeSecret: WipedBuffer?
    private var timeLength: String?
    private var timePeriod: String?
    private var timeAlgorithm: String?
    private(set) var leftOut: Set<FormatError.Field> = []

    /// Uses up the `Entry` that `stream` is at.
    init(_ stream: XMLStream) throws(FormatError) {
        var entry = KeePassEntry()
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("String") {
                try entry.readString(stream)
            } else {
                try stream.skip()
            }
        }
        self = entry
    }

    private init() {}

    private mutating func readString(_ stream: XMLStream) throws(FormatError) {
        var key: String?
        var value = WipedBuffer()
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("Key") {
                key = try stream.string(.parameter)
            } else if stream.isElement("Value") {
                // The stream cipher of a KDBX file, whose key is not in an export.
                if try stream.attribute("Protected")?.lowercased() == "true" {
                    throw stream.failure(.unsupported, .protectedValue)
                }
                value = try stream.text()
            } else {
                try stream.skip()
            }
        }
        guard !value.isEmpty else { return }
        switch key {
        case "Title": title = try text(value, .issuer)
        case "UserName": user = try text(value, .account)
        case "Password": leftOut.insert(.password)
        case "Notes": leftOut.insert(.note)
        case "otp":
            otp = value
            leftOut.formUnion(value.withBytes(LoginTOTP.leftOut))
        case "TOTP Seed": seed = value
        case "TOTP Settings": settings = try text(value, .parameter)
        case "TimeOtp-Secret-Base32": timeSecret = value
        case "TimeOtp-Length": timeLength = try text(value, .digits)
        case "TimeOtp-Period": timePeriod = try text(value, .period)
        case "TimeOtp-Algorithm": timeAlgorithm = try text(value, .algorithm)
        default: break
        }
    }

    private func text(_ value: WipedBuffer, _ field: FormatError.Field) throws(FormatError) -> String? {
        let text = value.withBytes { bytes in
            bytes.extracting(bytes.trimmedRange(where: ASCII.isWhitespace)).utf8Text()
        }
        guard let text else { throw FormatError(.malformed, .notUTF8, field: field) }
        return text.isEmpty ? nil : text
    }

    /// Nil for an entry without one-time passwords.
    func record() throws(FormatError) -> TokenRecord? {
        if let otp {
            return try otp.withBytes { (text: RawSpan) throws(FormatError) in
                text.starts(withASCII: KeeOTP.start)
                    ? try record(KeeOTP.columns(text)) : try LoginTOTP.record(text, title: title, user: user)
            }
        }
        if let seed { return try record(seedColumns(seed)) }
        guard let timeSecret else { return nil }
        return try record(
            OATHColumns(
                isCounted: false, secret: secret(timeSecret), algorithm: timeHash(),
                digits: number(timeLength, .digits), moving: number(timePeriod, .period)))
    }

    private func record(_ columns: OATHColumns) throws(FormatError) -> TokenRecord {
        let label = try Label(issuer: user == nil ? nil : title, account: user ?? title ?? "")
        return TokenRecord(credential: try columns.credential(label))
    }

    private func secret(_ text: WipedBuffer) throws(FormatError) -> Secret {
        do throws(FormatError) { return try text.withBytes(Base32.decode) } catch { throw error.about(.secret) }
    }

    /// `TOTP Settings` is `30;6`, with `S` for Steam's alphabet instead of the digits.
    private func seedColumns(_ seed: WipedBuffer) throws(FormatError) -> OATHColumns {
        var columns = OATHColumns(isCounted: false, secret: try secret(seed))
        guard let settings else { return columns }
        let parts = settings.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        columns.moving = try number(parts[0], .period)
        if parts.count > 1 {
            guard parts[1].uppercased() != "S" else { throw FormatError(.unsupported, .unknownType, field: .type) }
            columns.digits = try number(parts[1], .digits)
        }
        return columns
    }

    private func number(_ text: String?, _ field: FormatError.Field) throws(FormatError) -> UInt64? {
        guard let text else { return nil }
        do throws(FormatError) {
            return try WipedBuffer(text.utf8).withBytes { (bytes: RawSpan) throws(FormatError) in
                try bytes.decimalNumber()
            }
        } catch {
            throw error.about(field)
        }
    }

    /// `HMAC-SHA-256` and its like.
    private func timeHash() throws(FormatError) -> HashAlgorithm {
        guard let timeAlgorithm else { return .sha1 }
        let hash = HashAlgorithm.allCases.first { "HMAC-SHA-" + $0.rawValue.dropFirst("SHA".count) == timeAlgorithm }
        guard let hash else { throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm) }
        return hash
    }
}

extension FormatError.Reason {
    public static let protectedValue: Self = "encrypted within a database, which an export is not"
}
