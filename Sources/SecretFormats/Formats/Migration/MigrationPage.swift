internal import ByteBuffers

/// One page of a migration: what one QR code of Google Authenticator's export holds (`MigrationPayload`).
///
/// ```
/// otpauth-migration://offline?data=  percent-encoded base64 of:
/// 1 message, repeated   accounts, see MigrationParameters
/// 2 int32               version, 1
/// 3 int32               number of pages
/// 4 int32               this page, counted from 0; absent for 0
/// 5 int32               batch, the same on all pages; negative numbers take ten bytes
/// ```
struct MigrationPage {
    static let scheme: StaticString = "otpauth-migration://"
    private static let prefix: StaticString = "otpauth-migration://offline?data="

    private static let accountsField: UInt64 = 1
    private static let versionField: UInt64 = 2
    private static let countField: UInt64 = 3
    private static let indexField: UInt64 = 4
    private static let batchField: UInt64 = 5
    private static let version: UInt64 = 1

    var credentials: [Credential] = []
    var count: UInt64 = 1
    var index: UInt64 = 0
    var batch: UInt64 = 0

    init(parsing uri: RawSpan) throws(FormatError) {
        guard uri.starts(withASCII: Self.prefix) else { throw FormatError(.malformed, .notMigration, field: .scheme) }
        let data = try PercentEncoding.decode(
            uri.extracting(droppingFirst: Self.prefix.utf8CodeUnitCount), plusIsSpace: false)
        let message = try Self.plusesRestored(data).withBytes(Base64.decode)
        try message.withBytes { (bytes: RawSpan) throws(FormatError) in try read(bytes) }
    }

    private mutating func read(_ bytes: RawSpan) throws(FormatError) {
        var found: [Credential] = []
        var page = self
        try Protobuf.forEachField(in: bytes) { (field: UInt64, value: Protobuf.Value) throws(FormatError) in
            switch (field, value) {
            case (Self.accountsField, .bytes(let range)):
                found.append(try MigrationParameters.decode(bytes.extracting(range)))
            case (Self.versionField, .varint(let number)):
                guard number <= Self.version else { throw FormatError(.unsupported, .otherVersion) }
            case (Self.countField, .varint(let number)): page.count = max(number, 1)
            case (Self.indexField, .varint(let number)): page.index = number
            case (Self.batchField, .varint(let number)): page.batch = number
            default: break
            }
        }
        page.credentials = found
        guard page.index < page.count else { throw FormatError(.malformed, .pageNumber) }
        self = page
    }

    /// Some programs turn an unescaped plus sign into a space.
    private static func plusesRestored(_ data: WipedBuffer) -> WipedBuffer {
        let restored = WipedBuffer(capacity: data.count)
        data.withBytes { bytes in
            for offset in 0..<bytes.byteCount {
                let byte = bytes[byte: offset]
                restored.append(ASCII.isSpace(byte) ? UInt8(ascii: "+") : byte)
            }
        }
        return restored
    }

    /// The URI of a page.
    ///
    /// - Parameter accounts: encoded by `MigrationParameters`.
    static func uri(accounts: ArraySlice<WipedBuffer>, count: UInt64, index: UInt64, batch: UInt64) -> WipedBuffer {
        let message = WipedBuffer(capacity: 1024)
        for account in accounts {
            account.withBytes { Protobuf.append(bytes: $0, field: accountsField, to: message) }
        }
        Protobuf.append(varint: version, field: versionField, to: message)
        Protobuf.append(varint: count, field: countField, to: message)
        // Google's app writes the 0 too, so it is not left out.
        Protobuf.append(varint: index, field: indexField, to: message)
        Protobuf.append(varint: batch, field: batchField, to: message)
        let text = WipedBuffer(capacity: message.count * 2)
        message.withBytes { Base64.encode($0, into: text) }
        let uri = WipedBuffer(capacity: text.count * 2)
        uri.append(prefix)
        text.withBytes { bytes in
            for offset in 0..<bytes.byteCount { PercentEncoding.encode(bytes[byte: offset], into: uri) }
        }
        return uri
    }
}

extension FormatError.Reason {
    public static let notMigration: Self = "not a page of a migration"
    public static let otherVersion: Self = "a version of the format that did not exist yet"
    public static let pageNumber: Self = "a page behind the last one"
}
