package import ByteBuffers

/// A JSON text (RFC 8259) whose strings are in wiped storage, as any of them may be a secret.
package enum JSON {
    package struct Member {
        package let name: String
        package let value: JSON
    }

    case object([Member])
    case array([JSON])
    /// UTF-8, without the escapes.
    case string(WipedBuffer)
    /// As it is written.
    case number(String)
    case bool(Bool)
    case null

    /// The value of a member; nil when there is none, or no object.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var isObject: Bool {
        if case .object = self { true } else { false }
    }

    /// The elements of an array.
    func elements(_ name: String) throws(FormatError) -> [JSON] {
        guard case .array(let elements)? = self[name] else { throw FormatError(.malformed, .noList) }
        return elements
    }

    /// Text that is no secret, without spaces around it; nil when it is absent, null or empty.
    func text(_ name: String, _ field: FormatError.Field) throws(FormatError) -> String? {
        switch self[name] {
        case nil, .null?: return nil
        case .string(let buffer)?:
            let text = buffer.withBytes { bytes in
                bytes.extracting(bytes.trimmedRange(where: ASCII.isSpace)).utf8Text()
            }
            guard let text else { throw FormatError(.malformed, .notUTF8, field: field) }
            return text.isEmpty ? nil : text
        default: throw FormatError(.malformed, .otherKind, field: field)
        }
    }

    /// A whole number that is not negative, also when it is written as a string; nil when it is absent or null.
    func number(_ name: String, _ field: FormatError.Field) throws(FormatError) -> UInt64? {
        let digits: WipedBuffer
        switch self[name] {
        case nil, .null?: return nil
        case .number(let text)?: digits = WipedBuffer(text.utf8)
        case .string(let text)?: digits = text
        default: throw FormatError(.malformed, .otherKind, field: field)
        }
        do throws(FormatError) {
            return try digits.withBytes { (bytes: RawSpan) throws(FormatError) in try bytes.decimalNumber() }
        } catch {
            throw error.about(field)
        }
    }

    func secret(
        _ name: String, _ decode: (RawSpan) throws(FormatError) -> Secret, _ field: FormatError.Field = .secret
    ) throws(FormatError) -> Secret {
        guard case .string(let text)? = self[name] else { throw FormatError(.missing, .empty, field: field) }
        do throws(FormatError) { return try text.withBytes(decode) } catch { throw error.about(field) }
    }

    /// Bytes that are no secret.
    func bytes(
        _ name: String, _ field: FormatError.Field, _ decode: (RawSpan) throws(FormatError) -> Secret
    ) throws(FormatError) -> [UInt8] {
        try secret(name, decode, field).withBytes { [UInt8](copying: $0) }
    }

    /// SHA1, SHA256 or SHA512 in either case; SHA1 when it is absent.
    func algorithm(_ name: String) throws(FormatError) -> HashAlgorithm {
        guard let text = try text(name, .algorithm) else { return .sha1 }
        guard let algorithm = HashAlgorithm(rawValue: text.uppercased()) else {
            throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
        }
        return algorithm
    }

    /// `hotp` or `totp` in either case.
    func isCounted(_ name: String) throws(FormatError) -> Bool {
        switch try text(name, .type)?.lowercased() {
        case "hotp": return true
        case "totp": return false
        case nil: throw FormatError(.missing, .empty, field: .type)
        default: throw FormatError(.unsupported, .unknownType, field: .type)
        }
    }
}

extension FormatError.Reason {
    public static let noList: Self = "not the list of accounts that the format has"
    public static let otherKind: Self = "a value of another kind"
}
