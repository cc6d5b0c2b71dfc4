internal import ByteBuffers

/// Reads the tokens of a file in the layout that `OpenLDAPFormat` draws, or of an export of a directory.
final class OpenLDAPDecoder: RecordDecoding {
    private let source: any ByteSource
    private var tokens: ArraySlice<LDIF.Entry>?
    private var parameters: [DistinguishedName: LDIF.Entry] = [:]
    /// Logins, by the names of their tokens.
    private var owners: [DistinguishedName: String] = [:]

    init(_ source: any ByteSource) { self.source = source }

    func next() throws(FormatError) -> TokenRecord? {
        if tokens == nil { try readEntries() }
        guard let token = tokens?.popFirst() else { return nil }
        do throws(FormatError) { return try record(token) } catch { throw error.on(line: token.line) }
    }

    private func readEntries() throws(FormatError) {
        let file = try WholeFile.read(source)
        let entries = try file.withBytes { (text: RawSpan) throws(FormatError) in try LDIF.entries(of: text) }
        for entry in entries {
            if entry.isOf("oathTOTPParams") || entry.isOf("oathHOTPParams") { parameters[entry.name.key] = entry }
            // A token has no token.
            for attribute in ["oathtotptoken", "oathhotptoken"] {
                for value in entry.values[attribute] ?? [] {
                    owners[try DistinguishedName(value).key] = entry.name.parts.first?.value
                }
            }
        }
        tokens = entries.filter { $0.values["oathsecret"] != nil }[...]
    }

    private func record(_ token: LDIF.Entry) throws(FormatError) -> TokenRecord {
        let isCounted = token.isOf("oathHOTPToken")
        guard isCounted != token.isOf("oathTOTPToken"), let secret = token.values["oathsecret"]?.first else {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        let name = isCounted ? "oathhotpparams" : "oathtotpparams"
        let target = try token.values[name]?.first.map { (name: WipedBuffer) throws(FormatError) in
            try DistinguishedName(name).key
        }
        guard let target, let parameters = parameters[target] else {
            throw FormatError(.missing, .noParameters, field: .digits)
        }
        let identifier = try parameters.text("oathhmacalgorithm", .algorithm)
        guard let algorithm = HashAlgorithm.allCases.first(where: { OpenLDAPFormat.identifier(of: $0) == identifier })
        else { throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm) }
        guard let digits = try parameters.number("oathotplength", .digits) else {
            throw FormatError(.missing, .empty, field: .digits)
        }
        var columns = OATHColumns(isCounted: isCounted, secret: Secret(secret), algorithm: algorithm, digits: digits)
        if isCounted {
            let last = try token.number("oathhotpcounter", .counter)
            // Out of range where it overflows; the credential says so.
            columns.moving = last.map { $0 < UInt64.max ? $0 + 1 : $0 } ?? 0
        } else {
            columns.moving = try parameters.number("oathtotptimestepperiod", .period)
            guard columns.moving != nil else { throw FormatError(.missing, .empty, field: .period) }
        }
        let serials = ["oathtokenserialnumber", "serialnumber"]
        let serial = try token.text(serials.first { token.values[$0] != nil } ?? "", .serial)
        let owner = owners[token.name.key]
        return TokenRecord(
            serial: serial, owner: owner, realm: DistinguishedName(Array(token.name.parts.dropFirst(2))).realm,
            content: .oath(try columns.credential(Label(owner: owner, serial: serial))))
    }
}

extension FormatError.Reason {
    public static let noParameters: Self = "a token whose parameters are not in the file"
}
