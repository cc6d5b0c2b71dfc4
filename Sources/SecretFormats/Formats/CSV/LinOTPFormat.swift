internal import ByteBuffers

/// The OATH CSV of LinOTP (its `oathcsv` parser).
///
/// ```
/// serial,key,totp,digits,period,hash     sha1, sha256 or sha512
/// serial,key,hotp,digits
/// #,comment                              the first column is the number sign and nothing else
/// ```
///
/// The key is hexadecimal. There is no column for a counter. Without a hash the length of the key decides, so for HOTP
/// only keys go out whose length says SHA1.
struct LinOTPFormat: RowFormat {
    let name = "linotp"
    let summary = "OATH CSV of LinOTP"
    let limits = FormatLimits(readBy: "LinOTP", counters: 0...0, required: [.serial])

    func isComment(_ line: RawSpan) -> Bool {
        line.extracting(first: line.firstOffset(of: Self.separator) ?? line.byteCount).equals(ascii: "#")
    }

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 2...6)
        guard let serial = try row.text(0, .serial) else { throw FormatError(.missing, .empty, field: .serial) }
        let secret = try row.secret(1, Hex.decode)
        let isCounted = try row.isCounted(2) ?? true
        var columns = OATHColumns(isCounted: isCounted, secret: secret)
        columns.digits = try row.number(3, .digits)
        let period = try row.number(4, .period)
        if !isCounted { columns.moving = period }
        columns.algorithm = try hash(row, secret: secret)
        return TokenRecord(serial: serial, credential: try columns.credential(Label(owner: nil, serial: serial)))
    }

    private func hash(_ row: CSVRow, secret: Secret) throws(FormatError) -> HashAlgorithm {
        if row.count > 5, !row.equals(5, "") {
            guard let named = HashAlgorithm.allCases.first(where: { row.equals(5, $0.openSSLName) }) else {
                throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
            }
            return named
        }
        return Self.guessedHash(ofLength: secret.count)
    }

    private static func guessedHash(ofLength length: Int) -> HashAlgorithm {
        switch length {
        case HashAlgorithm.sha256.digestLength: .sha256
        case HashAlgorithm.sha512.digestLength: .sha512
        default: .sha1
        }
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        try row.serial(record)
        row.secret(credential.secret, Hex.encode)
        row.literal(credential.isCounted ? "hotp" : "totp")
        row.number(credential.digits)
        if credential.isCounted {
            guard credential.algorithm == Self.guessedHash(ofLength: credential.secret.count) else {
                throw FormatError(.unsupported, .hashFollowsLength, field: .algorithm)
            }
        } else {
            row.number(credential.moving)
            try row.text(credential.algorithm.rawValue.lowercased(), .algorithm)
        }
    }
}

extension FormatError.Reason {
    public static let hashFollowsLength: Self = "LinOTP takes the hash of HOTP from the length of the secret"
}
