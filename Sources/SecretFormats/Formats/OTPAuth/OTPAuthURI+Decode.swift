extension OTPAuthURI {
    /// A parameter that this library gives no meaning to.
    public struct Parameter: Equatable, Sendable {
        public let name: String
        /// Decoded. Held as a secret because some apps put a PIN or a backup into parameters of their own.
        public let value: Secret
    }

    /// All that a URI says.
    public struct Decoded: Equatable, Sendable {
        public let credential: Credential
        /// The issuer in front of the account when it is another than the `issuer` parameter, which then is the
        /// credential's; nil otherwise.
        public let overruledIssuer: String?
        /// Unknown parameters, in their order.
        public let extras: [Parameter]

        /// The first unknown parameter `name` as text, for those that are no secret (`serial`, `image`).
        public func extra(_ name: String) -> String? {
            extras.first { $0.name == name }?.value.withBytes { bytes in bytes.utf8Text() }
        }
    }

    /// The credential that a URI describes; see `decodeWithExtras`.
    public static func decode(_ text: RawSpan) throws(FormatError) -> Credential {
        try decodeWithExtras(text).credential
    }

    /// Reads what other programs write, which is more than `encode` writes:
    ///
    /// - scheme, type and algorithm in either case; white space around the URI;
    /// - the raw label is split at its first `:` or `%3A` and decoded once afterwards; spaces around both parts go;
    /// - `+` is a space in the query, a plus sign in the label;
    /// - a secret as `Base32.decode` takes it;
    /// - parameters in any order. A known one given twice is an error, unknown ones are kept.
    ///
    /// Where readers disagree: when the label and the `issuer` parameter name two issuers, the parameter counts (as in
    /// ykman, OTPClient and 2FAS) and the other one is reported; a second colon is an error (as in FreeOTP and the
    /// drafts); `counter` is required for `hotp` (Google's page), because a counter taken for 0 gives wrong codes;
    /// `period` in a `hotp` URI and `counter` in a `totp` one are checked and dropped; an `encoder` means codes that
    /// are not decimal (Steam) and is not supported; a fragment (`#`) is an error, since it may have cut off
    /// parameters.
    public static func decodeWithExtras(_ text: RawSpan) throws(FormatError) -> Decoded {
        try decode(text) { () throws(FormatError) in throw FormatError(.missing, .empty, field: .account) }
    }

    /// Reads a URI that stands in an entry with a name of its own.
    ///
    /// - Parameter unnamed: gives the label of a URI without an account, or throws. The URI's own issuer counts.
    static func decode(
        _ text: RawSpan, unnamed: () throws(FormatError) -> Label
    ) throws(FormatError) -> Decoded {
        let uri = text.extracting(text.trimmedRange(where: ASCII.isWhitespace))
        guard uri.starts(withASCII: prefix) else { throw FormatError(.malformed, .notOTPAuth, field: .scheme) }
        if let fragment = uri.firstOffset(of: UInt8(ascii: "#")) {
            throw FormatError(.malformed, .fragment, position: uri.characterPosition(at: fragment))
        }
        let afterScheme = uri.extracting(droppingFirst: prefix.utf8CodeUnitCount)
        guard let typeEnd = afterScheme.firstOffset(of: UInt8(ascii: "/")) else {
            throw FormatError(.missing, .noLabel, field: .label)
        }
        let isCounted = try isCounterBased(type: afterScheme.extracting(first: typeEnd))
        let afterType = afterScheme.extracting(droppingFirst: typeEnd + 1)
        guard let labelEnd = afterType.firstOffset(of: UInt8(ascii: "?")) else {
            throw FormatError(.missing, .noParameter, field: .secret)
        }
        let (labelIssuer, account) = try labelParts(afterType.extracting(first: labelEnd))
        var query = OTPAuthQuery()
        try query.parse(afterType.extracting(droppingFirst: labelEnd + 1))
        let issuer = query.issuer ?? labelIssuer
        let label: Label
        if account.isEmpty {
            let other = try unnamed()
            label = try Label(issuer: issuer ?? other.issuer, account: other.account)
        } else {
            label = try Label(issuer: issuer, account: account)
        }
        return Decoded(
            credential: try query.credential(label: label, isCounted: isCounted),
            overruledIssuer: labelIssuer == issuer ? nil : labelIssuer,
            extras: query.extras)
    }

    static let prefix: StaticString = "otpauth://"

    private static func isCounterBased(type: RawSpan) throws(FormatError) -> Bool {
        if type.equals(ascii: "totp") { return false }
        if type.equals(ascii: "hotp") { return true }
        throw type.isEmpty
            ? FormatError(.missing, .empty, field: .type) : FormatError(.unsupported, .unknownType, field: .type)
    }

    private static func labelParts(_ raw: RawSpan) throws(FormatError) -> (issuer: String?, account: String) {
        guard let separator = separator(in: raw) else { return (nil, try text(raw, field: .account)) }
        let issuer = try text(raw.extracting(first: separator.lowerBound), field: .issuer)
        let account = try text(raw.extracting(droppingFirst: separator.upperBound), field: .account)
        return (issuer.isEmpty ? nil : issuer, account)
    }

    private static let encodedColon: StaticString = "%3A"

    private static func separator(in raw: RawSpan) -> Range<Int>? {
        for offset in 0..<raw.byteCount {
            if raw[byte: offset] == UInt8(ascii: ":") { return offset..<offset + 1 }
            if raw.extracting(droppingFirst: offset).starts(withASCII: encodedColon) {
                return offset..<offset + encodedColon.utf8CodeUnitCount
            }
        }
        return nil
    }

    private static func text(_ raw: RawSpan, field: FormatError.Field) throws(FormatError) -> String {
        try OTPAuthQuery.text(raw, field: field, plusIsSpace: false)
    }
}

extension FormatError.Reason {
    public static let notOTPAuth: Self = "not an otpauth URI"
    public static let fragment: Self = "a number sign, which would cut the URI short"
    public static let noLabel: Self = "no label after the type"
    public static let noParameter: Self = "no such parameter"
    public static let unknownType: Self = "neither totp nor hotp"
}
