internal import ByteBuffers

/// FreeOTP+'s backup.
///
/// ```
/// {"tokens":[{"algo":"SHA1","counter":-1,"digits":6,"issuerExt":ISSUER,"issuerInt":ISSUER,"label":ACCOUNT,
///   "period":30,"secret":[SIGNED BYTES],"type":"TOTP"}],"tokenOrder":["ISSUER:ACCOUNT",…]}
/// ```
///
/// The counter is the last one that was used, -1 at the start. A token that is not in the order is lost in the app, and
/// so is one of two with one name; so a second one is refused here.
struct FreeOTPPlusFormat: JSONFormat {
    let name = "freeotp-plus"
    let summary = "backup of FreeOTP+"
    let limits = FormatLimits(readBy: "FreeOTP+", periods: .atLeast(5), carried: [.issuer, .account])

    static let members: [StaticString] = ["tokens", "issuerExt", "label", "algo"]

    func entries(in root: JSON) throws(FormatError) -> [JSON] { try root.elements("tokens") }

    func record(from entry: JSON) throws(FormatError) -> TokenRecord {
        let isCounted = try entry.isCounted("type")
        let columns = OATHColumns(
            isCounted: isCounted, secret: try Self.secret(entry), algorithm: try entry.algorithm("algo"),
            digits: try entry.number("digits", .digits),
            moving: isCounted ? try Self.nextCounter(entry) : try entry.number("period", .period))
        let external = try entry.text("issuerExt", .issuer)
        let issuer = try entry.text("issuerInt", .issuer) ?? external
        return TokenRecord(
            credential: try columns.credential(
                Label(issuer: issuer, account: entry.text("label", .account) ?? "")))
    }

    /// A Java array: bytes from -128 to 127.
    private static func secret(_ entry: JSON) throws(FormatError) -> Secret {
        guard case .array(let elements)? = entry["secret"] else { throw FormatError(.missing, .empty, field: .secret) }
        let bytes = WipedBuffer(capacity: elements.count)
        for element in elements {
            guard case .number(let text) = element, let byte = Int8(text) else {
                throw FormatError(.malformed, .signedByte, field: .secret)
            }
            bytes.append(UInt8(bitPattern: byte))
        }
        return Secret(bytes)
    }

    private static func nextCounter(_ entry: JSON) throws(FormatError) -> UInt64 {
        switch entry["counter"] {
        case .number("-1")?: return 0
        case nil, .null?: throw FormatError(.missing, .empty, field: .counter)
        default:
            let (next, overflow) = try entry.requiredCounter("counter").addingReportingOverflow(1)
            guard !overflow else { throw FormatError(.unsupported, .counterRange, field: .counter) }
            return next
        }
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding { FreeOTPPlusEncoding(self, options: options) }

    func head(_ options: EncodingOptions) -> String { #"{"tokens":["# }
    func tail(_ options: EncodingOptions) -> String { "]" }

    func write(
        _ credential: Credential, of record: TokenRecord, number: Int, options: EncodingOptions, to json: JSONOutput
    ) {
        let label = credential.label
        json.text("algo", credential.algorithm.rawValue)
        // Signed, as the first one is below zero.
        json.number("counter", credential.isCounted ? Int64(clamping: credential.moving) - 1 : -1)
        json.number("digits", credential.digits)
        json.text("issuerExt", label.issuer ?? "")
        json.text("issuerInt", label.issuer ?? "")
        json.text("label", label.account)
        json.number("period", credential.isCounted ? UInt64(Credential.defaultPeriod) : credential.moving)
        json.array("secret") {
            credential.secret.withBytes { bytes in
                for offset in 0..<bytes.byteCount { json.element(Int8(bitPattern: bytes[byte: offset])) }
            }
        }
        json.text("type", credential.isCounted ? "HOTP" : "TOTP")
    }
}

/// Writes the names of all tokens once more behind them.
private final class FreeOTPPlusEncoding: RecordEncoding {
    private let encoding: JSONEncoding<FreeOTPPlusFormat>
    private var names: [String] = []
    private var known: Set<String> = []

    init(_ format: FreeOTPPlusFormat, options: EncodingOptions) {
        encoding = JSONEncoding(format: format, options: options)
    }

    func start(into output: WipedBuffer) { encoding.start(into: output) }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let label = try record.oathCredential().label
        let name = (label.issuer.map { $0 + ":" } ?? "") + label.account
        guard known.insert(name).inserted else { throw FormatError(.unsupported, .sameName, field: .account) }
        try encoding.append(record, into: output)
        names.append(name)
    }

    func end(into output: WipedBuffer) {
        let order = JSONOutput()
        order.array("tokenOrder") { for name in names { order.element(name) } }
        output.append("],")
        output.append(contentsOf: order.buffer)
        output.append("}\n")
    }
}

extension FormatError.Reason {
    public static let signedByte: Self = "not a list of numbers from -128 to 127"
    public static let sameName: Self = "the issuer and account of a record before, which the app would overwrite"
}
