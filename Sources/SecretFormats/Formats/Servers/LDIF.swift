internal import ByteBuffers

/// Entries and changes in the LDAP Data Interchange Format (RFC 2849).
///
/// ```
/// version: 1
/// # comment
/// dn: cn=KP1,ou=tokens,dc=example,dc=com      dn:: base64 where the text is not plain
/// name: value                                 name:: base64; a space at the start of a line continues the one before
/// -                                           ends one of several changes
///                                             an empty line ends the entry
/// ```
enum LDIF {
    struct Entry {
        let name: DistinguishedName
        /// In which it begins, counted from 1.
        let line: Int
        /// By their names in small letters. What a change adds is among them, beside the words that say so.
        fileprivate(set) var values: [String: [WipedBuffer]] = [:]

        func text(_ attribute: String, _ field: FormatError.Field) throws(FormatError) -> String? {
            guard let value = values[attribute]?.first else { return nil }
            guard let text = value.withBytes({ $0.utf8Text() }) else {
                throw FormatError(.malformed, .notUTF8, field: field)
            }
            return text.isEmpty ? nil : text
        }

        func number(_ attribute: String, _ field: FormatError.Field) throws(FormatError) -> UInt64? {
            guard let value = values[attribute]?.first else { return nil }
            do throws(FormatError) {
                return try value.withBytes { (bytes: RawSpan) throws(FormatError) in try bytes.decimalNumber() }
            } catch {
                throw error.about(field)
            }
        }

        func isOf(_ objectClass: StaticString) -> Bool {
            values["objectclass"]?.contains { $0.withBytes { $0.equals(ascii: objectClass) } } ?? false
        }
    }

    static func entries(of text: RawSpan) throws(FormatError) -> [Entry] {
        var entries: [Entry] = []
        var entry: Entry?
        var lines = Lines(text)
        while let (line, number) = lines.next(text) {
            do throws(FormatError) {
                try line.withBytes { (line: RawSpan) throws(FormatError) in
                    if line.isEmpty {
                        if let entry { entries.append(entry) }
                        entry = nil
                    } else if line.first == UInt8(ascii: "#") || line.equals(ascii: "-") {
                        return
                    } else {
                        let (name, value) = try attribute(line)
                        if entry != nil {
                            entry?.values[name, default: []].append(value)
                        } else if name == "dn" {
                            entry = Entry(name: try DistinguishedName(value), line: number)
                        } else if name != "version" || !entries.isEmpty {
                            throw FormatError(.malformed, .noEntry)
                        }
                    }
                }
            } catch {
                throw error.on(line: number)
            }
        }
        if let entry { entries.append(entry) }
        return entries
    }

    /// Name, without options, and value.
    private static func attribute(_ line: RawSpan) throws(FormatError) -> (name: String, value: WipedBuffer) {
        guard let colon = line.firstOffset(of: UInt8(ascii: ":")),
            let name = line.extracting(first: colon).utf8Text()?.lowercased().split(separator: ";").first
        else { throw FormatError(.malformed, .noEntry) }
        let rest = line.extracting(droppingFirst: colon + 1)
        let isEncoded = rest.first == UInt8(ascii: ":")
        // A file that is named in place of a value is not opened.
        guard rest.first != UInt8(ascii: "<") else { throw FormatError(.unsupported, .otherFile) }
        let text = rest.extracting(droppingFirst: isEncoded ? 1 : 0)
        let content = text.extracting(text.trimmedRange(where: ASCII.isSpace))
        let value = WipedBuffer(capacity: content.byteCount)
        if isEncoded {
            let field: FormatError.Field = name == "oathsecret" ? .secret : .label
            do throws(FormatError) {
                try Base64.decode(content).withBytes { value.append(contentsOf: $0) }
            } catch {
                throw error.about(field)
            }
        } else {
            value.append(contentsOf: content)
        }
        return (String(name), value)
    }

    /// Lines, put together where they were folded.
    private struct Lines {
        private var offset: Int
        private var number = 0

        init(_ text: RawSpan) { offset = LineReader.firstText(of: text).lowerBound }

        mutating func next(_ text: RawSpan) -> (line: WipedBuffer, number: Int)? {
            guard offset < text.byteCount else { return nil }
            let line = WipedBuffer(capacity: 128)
            appendLine(of: text, to: line)
            let first = number
            while text.byte(at: offset) == UInt8(ascii: " "), !line.isEmpty {
                offset += 1
                appendLine(of: text, to: line)
            }
            return (line, first)
        }

        private mutating func appendLine(of text: RawSpan, to line: WipedBuffer) {
            let rest = text.extracting(droppingFirst: offset)
            let end = rest.firstOffset(of: UInt8(ascii: "\n")) ?? rest.byteCount
            let content = rest.extracting(first: end)
            line.append(contentsOf: content.extracting(content.endingWithoutReturn))
            offset = min(offset + end + 1, text.byteCount)
            number += 1
        }
    }

    /// Writes `name: value`, in base64 where the value is not what RFC 2849 calls a safe string.
    static func write(_ name: StaticString, _ value: String, to output: WipedBuffer) {
        output.append(name)
        let isSafe =
            value.unicodeScalars.allSatisfy { (" "..."~").contains($0) } && value.last != " "
            && !(value.first.map(" :<".contains) ?? false)
        output.append(isSafe ? ": " : ":: ")
        if isSafe {
            output.append(contentsOf: value.utf8)
        } else {
            WipedBuffer(value.utf8).withBytes { Base64.encode($0, into: output) }
        }
        output.append("\n")
    }

    static func write(_ name: StaticString, _ secret: Secret, to output: WipedBuffer) {
        output.append(name)
        output.append(":: ")
        secret.withBytes { Base64.encode($0, into: output) }
        output.append("\n")
    }
}

extension RawSpan {
    /// All but a carriage return at the end.
    fileprivate var endingWithoutReturn: Range<Int> {
        0..<(byteCount > 0 && self[byte: byteCount - 1] == UInt8(ascii: "\r") ? byteCount - 1 : byteCount)
    }
}

extension FormatError.Reason {
    public static let noEntry: Self = "not a line of an LDIF entry"
    public static let otherFile: Self = "a value that stands in another file"
}
