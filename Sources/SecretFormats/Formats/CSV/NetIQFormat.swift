internal import ByteBuffers

/// The CSV of NetIQ (OpenText) Advanced Authentication: `serial,key,totp|hotp,digits,period`, the key in hexadecimal.
///
/// There is no column for a counter. Type, digits and period may be missing; a file without types is not read here,
/// because nothing says which it has.
struct NetIQFormat: RowFormat {
    let name = "netiq"
    let summary = "OATH CSV of NetIQ Advanced Authentication"
    let limits = FormatLimits(
        readBy: "NetIQ Advanced Authentication", algorithms: [.sha1], counters: 0...0, required: [.serial])

    func record(from row: CSVRow) throws(FormatError) -> TokenRecord {
        try row.require(columns: 3...5)
        guard let isCounted = try row.isCounted(2) else { throw FormatError(.missing, .empty, field: .type) }
        let serial = try row.text(0, .serial)
        var columns = OATHColumns(isCounted: isCounted, secret: try row.secret(1, Hex.decode))
        columns.digits = try row.number(3, .digits)
        let period = try row.number(4, .period)
        if !isCounted { columns.moving = period }
        return TokenRecord(serial: serial, credential: try columns.credential(Label(owner: nil, serial: serial)))
    }

    func write(_ record: TokenRecord, options: EncodingOptions, to row: inout CSVWriter) throws(FormatError) {
        let credential = try record.oathCredential()
        try row.serial(record)
        row.secret(credential.secret, Hex.encode)
        row.literal(credential.isCounted ? "hotp" : "totp")
        row.number(credential.digits)
        if !credential.isCounted { row.number(credential.moving) }
    }
}
