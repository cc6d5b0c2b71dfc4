public import ByteBuffers
internal import SecretFormats

extension SheetEntry {
    /// Frames inside `SheetTag.entry`. A text has the tag `firstText` plus the number of its name; the others may be
    /// repeated but for `secret` and `uri`.
    ///
    /// ```
    /// code      moment, code
    /// field     label, then text or secretText
    /// ```
    private enum Part {
        static let firstText: UInt8 = 0x40
        static let secret = SheetTag(rawValue: 0x30)
        static let uri = SheetTag(rawValue: 0x31)
        static let code = SheetTag(rawValue: 0x32)
        static let field = SheetTag(rawValue: 0x33)
        static let recovery = SheetTag(rawValue: 0x34)
        static let moment = SheetTag(rawValue: 0x35)
        static let label = SheetTag(rawValue: 0x36)
        static let text = SheetTag(rawValue: 0x37)
        static let secretText = SheetTag(rawValue: 0x38)
    }

    public init(parsing bytes: RawSpan) throws(SheetWireError) {
        var entry = SheetEntry()
        try SheetFrame.forEach(in: bytes, of: .entry) { (tag, payload) throws(SheetWireError) in
            switch tag {
            case Part.secret where entry.secret == nil: entry.secret = Secret(copying: payload)
            case Part.uri where entry.uri == nil: entry.uri = Secret(copying: payload)
            case Part.recovery: entry.recovery.append(Secret(copying: payload))
            case Part.code: entry.codes.append(try Self.code(payload))
            case Part.field: entry.fields.append(try Self.field(payload))
            default:
                guard tag.rawValue > Part.firstText, let name = Name(rawValue: tag.rawValue - Part.firstText),
                    entry.texts.updateValue(try payload.sheetText(in: tag), forKey: name) == nil
                else { throw SheetWireError(in: tag) }
            }
        }
        self = entry
    }

    public func append(to buffer: WipedBuffer) {
        SheetFrame.append(.entry, to: buffer) { entry in
            for name in Name.allCases {
                guard let text = texts[name] else { continue }
                SheetFrame.append(SheetTag(rawValue: Part.firstText + name.rawValue), text: text, to: entry)
            }
            if let secret { Self.append(Part.secret, secret, to: entry) }
            if let uri { Self.append(Part.uri, uri, to: entry) }
            for expected in codes {
                SheetFrame.append(Part.code, to: entry) { code in
                    SheetFrame.append(Part.moment, text: String(expected.moment), to: code)
                    SheetFrame.append(Part.text, text: expected.code, to: code)
                }
            }
            for line in fields {
                SheetFrame.append(Part.field, to: entry) { field in
                    SheetFrame.append(Part.label, text: line.label, to: field)
                    switch line.value {
                    case .text(let text): SheetFrame.append(Part.text, text: text, to: field)
                    case .secret(let secret): Self.append(Part.secretText, secret, to: field)
                    }
                }
            }
            for secret in recovery { Self.append(Part.recovery, secret, to: entry) }
        }
    }

    private static func append(_ tag: SheetTag, _ secret: Secret, to buffer: WipedBuffer) {
        SheetFrame.append(tag, length: secret.count, to: buffer)
        secret.withBytes { buffer.append(contentsOf: $0) }
    }

    private static func code(_ bytes: RawSpan) throws(SheetWireError) -> ExpectedCode {
        var (moment, code): (UInt64?, String?)
        try SheetFrame.forEach(in: bytes, of: Part.code) { (tag, payload) throws(SheetWireError) in
            switch tag {
            case Part.moment where moment == nil: moment = try payload.sheetNumber(in: tag)
            case Part.text where code == nil: code = try payload.sheetText(in: tag)
            default: throw SheetWireError(in: tag)
            }
        }
        guard let moment, let code else { throw SheetWireError(in: Part.code) }
        return ExpectedCode(moment: moment, code: code)
    }

    private static func field(_ bytes: RawSpan) throws(SheetWireError) -> Field {
        var (label, value): (String?, Value?)
        try SheetFrame.forEach(in: bytes, of: Part.field) { (tag, payload) throws(SheetWireError) in
            switch tag {
            case Part.label where label == nil: label = try payload.sheetText(in: tag)
            case Part.text where value == nil: value = .text(try payload.sheetText(in: tag))
            case Part.secretText where value == nil: value = .secret(Secret(copying: payload))
            default: throw SheetWireError(in: tag)
            }
        }
        guard let label, let value else { throw SheetWireError(in: Part.field) }
        return Field(label: label, value: value)
    }
}
