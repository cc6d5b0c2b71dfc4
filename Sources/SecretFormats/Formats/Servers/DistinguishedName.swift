internal import ByteBuffers

/// A name in a directory (RFC 4514): `cn=KP1,ou=tokens,dc=example,dc=com`, its own part first.
struct DistinguishedName: Hashable {
    struct Part: Hashable {
        /// In small letters.
        let type: String
        let value: String
    }

    let parts: [Part]

    init(_ parts: [Part]) { self.parts = parts }

    init(_ text: WipedBuffer) throws(FormatError) {
        guard let text = text.withBytes({ $0.utf8Text() }) else {
            throw FormatError(.malformed, .notUTF8, field: .label)
        }
        try self.init(text)
    }

    /// Names with parts of several values (`cn=a+uid=b`) or values in hexadecimal (`cn=#04…`) are refused.
    init(_ text: String) throws(FormatError) {
        var parts: [Part] = []
        var rest = Array(text.utf8)[...]
        repeat {
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")),
                let type = String(validating: rest[..<equals], as: UTF8.self)
            else { throw FormatError(.malformed, .notAName, field: .label) }
            rest = rest[(equals + 1)...]
            let name = type.filter { $0 != " " }.lowercased()
            guard !name.isEmpty, name.utf8.allSatisfy({ Self.isLabelCharacter($0) || $0 == UInt8(ascii: ".") }) else {
                throw FormatError(.malformed, .notAName, field: .label)
            }
            parts.append(Part(type: name, value: try Self.value(&rest)))
        } while !rest.isEmpty
        self.parts = parts
    }

    /// Takes a value and the comma behind it.
    private static func value(_ rest: inout ArraySlice<UInt8>) throws(FormatError) -> String {
        while rest.first == UInt8(ascii: " ") { rest.removeFirst() }
        guard rest.first != UInt8(ascii: "#") else { throw FormatError(.unsupported, .notAName, field: .label) }
        var value: [UInt8] = []
        /// Up to the last character that is no unescaped space.
        var length = 0
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: ",") {
                guard !rest.isEmpty else { throw FormatError(.malformed, .notAName, field: .label) }
                break
            }
            guard byte != UInt8(ascii: "+") else { throw FormatError(.unsupported, .notAName, field: .label) }
            if byte == UInt8(ascii: "\\") {
                value.append(try escaped(&rest))
                length = value.count
            } else {
                value.append(byte)
                if byte != UInt8(ascii: " ") { length = value.count }
            }
        }
        guard length > 0, let text = String(validating: value.prefix(length), as: UTF8.self) else {
            throw FormatError(.malformed, .notAName, field: .label)
        }
        return text
    }

    /// A character after a backslash, or the byte of two hexadecimal digits.
    private static func escaped(_ rest: inout ArraySlice<UInt8>) throws(FormatError) -> UInt8 {
        let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        if digits.count == 2 {
            rest = rest.dropFirst(2)
            return UInt8(digits[0] << 4 | digits[1])
        }
        guard let byte = rest.popFirst() else { throw FormatError(.malformed, .notAName, field: .label) }
        return byte
    }

    var text: String {
        parts.map { part in "\(part.type)=\(Self.escape(part.value))" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        let scalars = value.unicodeScalars
        var text = ""
        for index in scalars.indices {
            let isFirst = index == scalars.startIndex
            let isLast = scalars.index(after: index) == scalars.endIndex
            switch scalars[index] {
            case "\"", "+", ",", ";", "<", ">", "\\", "=": text += "\\"
            case " " where isFirst || isLast: text += "\\"
            case "#" where isFirst: text += "\\"
            default: break
            }
            text.unicodeScalars.append(scalars[index])
        }
        return text
    }

    /// To find an entry by: most directories compare without regard to capital letters.
    var key: DistinguishedName {
        DistinguishedName(parts.map { Part(type: $0.type, value: $0.value.lowercased()) })
    }

    func under(_ base: DistinguishedName) -> DistinguishedName { DistinguishedName(parts + base.parts) }

    // MARK: Domains (RFC 2247)

    /// `dc=example,dc=com` for `example.com`; a realm with an equals sign is a name already.
    init(realm: String) throws(FormatError) {
        guard !realm.contains("=") else {
            do throws(FormatError) {
                try self.init(realm)
            } catch {
                throw FormatError(error.code, error.reason, field: .realm)
            }
            return
        }
        let labels = realm.split(separator: ".", omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { Self.isLabelCharacter($0) }
        }
        guard areLabels else { throw FormatError(.malformed, .notADomain, field: .realm) }
        self.init(labels.map { Part(type: "dc", value: String($0)) })
    }

    /// The domain of the components at the end, the whole name where there are none; nil for an empty one.
    var realm: String? {
        let labels = parts.reversed().prefix { $0.type == "dc" }.reversed().map(\.value)
        let isDomain = labels.count == parts.count && labels.allSatisfy { $0.utf8.allSatisfy(Self.isLabelCharacter) }
        if parts.isEmpty { return nil }
        return isDomain ? labels.joined(separator: ".") : text
    }

    private static func isLabelCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension FormatError.Reason {
    public static let notAName: Self = "not a name of an LDAP entry, or one with several values in a part"
    public static let notADomain: Self = "neither a domain nor the name of an LDAP entry"
}
