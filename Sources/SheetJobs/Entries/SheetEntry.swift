public import SecretFormats

/// What one sheet or label says of one person's key.
///
/// Fields come as labels and values, in whatever order and under whatever names a server's form has them.
public struct SheetEntry: Sendable {
    /// A value that is no secret, under the name that templates use.
    public enum Name: UInt8, CaseIterable, Sendable {
        case owner = 1
        /// Lines of a postal address, with line breaks between.
        case address
        case issuer, account, model, serial, slot, date
        /// `totp` or `hotp`.
        case type
        case algorithm, digits, period, counter
        /// What a typed secret can be compared by, see `checkValue`.
        case check
        /// Whom to ask.
        case contact

        public var text: String { "\(self)" }

        public static func named(_ text: String) -> Name? { allCases.first { $0.text == text } }
    }

    public enum Value: Sendable {
        case text(String)
        case secret(Secret)
    }

    /// A line of the server's form.
    public struct Field: Sendable {
        public let label: String
        public let value: Value

        public init(label: String, value: Value) {
            self.label = label
            self.value = value
        }
    }

    /// A code that the secret made in the past, so that somebody who typed it can see whether it was typed right.
    public struct ExpectedCode: Hashable, Sendable {
        /// Unix time of a step, or a counter.
        public let moment: UInt64
        public let code: String

        public init(moment: UInt64, code: String) {
            self.moment = moment
            self.code = code
        }
    }

    public var texts: [Name: String]
    /// Base32 in groups, as it is typed.
    public var secret: Secret?
    /// What the QR code says.
    public var uri: Secret?
    public var codes: [ExpectedCode]
    public var fields: [Field]
    public var recovery: [Secret]

    public init(
        texts: [Name: String] = [:], secret: Secret? = nil, uri: Secret? = nil, codes: [ExpectedCode] = [],
        fields: [Field] = [], recovery: [Secret] = []
    ) {
        self.texts = texts
        self.secret = secret
        self.uri = uri
        self.codes = codes
        self.fields = fields
        self.recovery = recovery
    }
}
