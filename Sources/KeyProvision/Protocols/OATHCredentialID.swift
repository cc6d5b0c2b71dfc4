import SecretFormats

/// The name under which a YKOATH key keeps a credential.
///
///     [period "/"] [issuer ":"] account      UTF-8, at most 64 bytes
///
/// The period stands there only for TOTP and only if it is not 30 seconds; the key itself knows no period. Names are
/// matched byte by byte.
struct OATHCredentialID: Hashable, Sendable {
    let bytes: [UInt8]

    static let defaultPeriod = 30

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: `.nameTooLong`, or `.ambiguousName` where the label would be read back as another one.
    init(_ label: Label, _ kind: Credential.Kind) throws(DeviceError) {
        var name = label.issuer.map { $0 + ":" + label.account } ?? label.account
        var period = Self.defaultPeriod
        if case .totp(let seconds) = kind { period = seconds }
        if period != Self.defaultPeriod { name = "\(period)/" + name }
        bytes = Array(name.utf8)
        guard bytes.count <= YKOATH.maxNameLength else {
            throw .notSupported(.nameTooLong(bytes.count, limit: YKOATH.maxNameLength))
        }
        let readBack = parts(isTOTP: kind.isTOTP)
        guard readBack.issuer == label.issuer, readBack.account == label.account, readBack.period == period else {
            throw .notSupported(.ambiguousName)
        }
    }

    /// Issuer, account and period that the name stands for. Bytes that are not UTF-8 show as replacement characters.
    func parts(isTOTP: Bool) -> (issuer: String?, account: String, period: Int) {
        var name = String(decoding: bytes, as: UTF8.self)[...]
        var period = Self.defaultPeriod
        if isTOTP, let slash = name.firstIndex(of: "/"), let seconds = Self.period(name[..<slash]) {
            period = seconds
            name = name[name.index(after: slash)...]
        }
        guard let colon = name.firstIndex(of: ":"), colon != name.startIndex,
            name.index(after: colon) != name.endIndex
        else { return (nil, String(name), period) }
        return (String(name[..<colon]), String(name[name.index(after: colon)...]), period)
    }

    /// A number as this type writes it: decimal digits without a sign.
    private static func period(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(digits).flatMap { $0 > 0 ? $0 : nil }
    }
}

extension Credential.Kind {
    var isTOTP: Bool {
        if case .totp = self { true } else { false }
    }
}
