internal import ByteBuffers

/// A `KeyPackage` while it is read (RFC 6030 section 4).
struct PSKCPackage {
    private var manufacturer: String?
    private var serial: String?
    private var model: String?
    private var deviceUser: String?
    private var keyID: String?
    private var keyUser: String?
    /// UserId of a key for Yubico OTP, which holds the private identity.
    private var yubicoUser: WipedBuffer?
    private var friendlyName: String?
    private var issuer: String?
    private var algorithm: String?
    private var suite: String?
    private var encoding: String?
    private var length: String?
    private var hasCheckDigits = false
    private var isReference = false
    private var secret: PSKCValue?
    private var counter: UInt64?
    private var interval: UInt64?
    private var start: UInt64 = 0
    /// What a record has no place for.
    private(set) var leftOut: Set<FormatError.Field> = []

    init(_ stream: XMLStream) throws(FormatError) {
        var package = PSKCPackage()
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("DeviceInfo") {
                try package.readDevice(stream)
            } else if stream.isElement("Key") {
                guard package.algorithm == nil else { throw stream.failure(.unsupported, .twoKeys) }
                try package.readKey(stream)
            } else {
                package.leftOut.insert(.cryptoModule)
                try stream.skip()
            }
        }
        self = package
    }

    private init() {}

    /// Nil for a key that makes no passwords: a PIN.
    func record(keys: PSKCKeys?) throws(FormatError) -> TokenRecord? {
        guard let algorithm else { throw FormatError(.missing, .noKey, field: .secret) }
        if algorithm == PSKC.pin.description { return nil }
        guard let secret else {
            throw FormatError(.missing, isReference ? .keyReference : .noKey, field: .secret)
        }
        if algorithm == PSKC.yubico.description { return try yubico(secret.opened(with: keys)) }
        let isCounted = algorithm == PSKC.hotp.description
        guard isCounted || algorithm == PSKC.totp.description else {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        guard encoding == nil || encoding == "DECIMAL", !hasCheckDigits else {
            throw FormatError(.unsupported, .otherEncoder, field: .digits)
        }
        guard start == 0 else { throw FormatError(.unsupported, .otherStart, field: .period) }
        var columns = OATHColumns(isCounted: isCounted, secret: try secret.opened(with: keys))
        if let suite {
            guard let hash = PSKC.hash(ofSuite: suite) else {
                throw FormatError(.unsupported, .unknownAlgorithm, field: .algorithm)
            }
            columns.algorithm = hash
        }
        columns.digits = try length.map { (text: String) throws(FormatError) in
            guard let digits = UInt64(text) else { throw FormatError(.malformed, .notANumber, field: .digits) }
            return digits
        }
        // A file without a counter is one of new tokens (figures 2 and 7 have none).
        columns.moving = isCounted ? counter : interval
        let owner = keyUser ?? deviceUser
        let serial = serial ?? keyID
        guard let account = friendlyName ?? owner ?? serial else {
            throw FormatError(.missing, .empty, field: .serial)
        }
        return TokenRecord(
            serial: serial, manufacturer: manufacturer, model: model, owner: owner,
            content: .oath(try columns.credential(Label(issuer: issuer, account: account))))
    }

    /// The personalization tool writes `CN=<public identity in modhex>, UID=<private identity in hexadecimal>`.
    private func yubico(_ key: Secret) throws(FormatError) -> TokenRecord {
        let row = try yubicoUser?.withBytes { (bytes: RawSpan) throws(FormatError) in
            try CSVRow(parsing: bytes, separator: UInt8(ascii: ","), takesQuotes: false)
        }
        var publicID: Secret?
        var privateID: Secret?
        for index in 0..<(row?.count ?? 0) {
            try row?.withField(index) { (pair: RawSpan) throws(FormatError) in
                if pair.starts(withASCII: Self.publicName) {
                    publicID = try Self.value(of: pair, behind: Self.publicName, .publicID, Modhex.decode)
                } else if pair.starts(withASCII: Self.privateName) {
                    privateID = try Self.value(of: pair, behind: Self.privateName, .privateID, Hex.decode)
                } else {
                    throw FormatError(.malformed, .yubicoUser, field: .owner)
                }
            }
        }
        guard let privateID else { throw FormatError(.missing, .yubicoUser, field: .privateID) }
        return TokenRecord(
            serial: serial ?? keyID, manufacturer: manufacturer, model: model, owner: deviceUser,
            content: .yubicoOTP(
                try YubicoOTPCredential(
                    publicID: publicID?.withBytes { [UInt8](copying: $0) } ?? [], privateID: privateID, key: key)))
    }

    private static let publicName: StaticString = "CN="
    private static let privateName: StaticString = "UID="

    private static func value(
        of pair: RawSpan, behind name: StaticString, _ field: FormatError.Field,
        _ decode: (RawSpan) throws(FormatError) -> Secret
    ) throws(FormatError) -> Secret {
        do throws(FormatError) {
            return try decode(pair.extracting(droppingFirst: name.utf8CodeUnitCount))
        } catch {
            throw error.about(field)
        }
    }

    private mutating func readDevice(_ stream: XMLStream) throws(FormatError) {
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("Manufacturer") {
                manufacturer = try stream.string(.manufacturer)
            } else if stream.isElement("SerialNo") {
                serial = try stream.string(.serial)
            } else if stream.isElement("Model") {
                model = try stream.string(.model)
            } else if stream.isElement("UserId") {
                deviceUser = try stream.string(.owner)
            } else {
                leftOut.insert(.validity)
                try stream.skip()
            }
        }
    }

    private mutating func readKey(_ stream: XMLStream) throws(FormatError) {
        keyID = try stream.attribute("Id").flatMap { $0.isEmpty ? nil : $0 }
        algorithm = try stream.attribute("Algorithm") ?? ""
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("Issuer") {
                issuer = try stream.string(.issuer)
            } else if stream.isElement("AlgorithmParameters") {
                try readParameters(stream)
            } else if stream.isElement("FriendlyName") {
                friendlyName = try stream.string(.account)
            } else if stream.isElement("UserId") {
                if algorithm == PSKC.yubico.description {
                    yubicoUser = try stream.text()
                } else {
                    keyUser = try stream.string(.owner)
                }
            } else if stream.isElement("Data") {
                try readData(stream)
            } else if stream.isElement("Policy") {
                leftOut.insert(.policy)
                try stream.skip()
            } else {
                if stream.isElement("KeyReference") { isReference = true }
                leftOut.insert(.keyReference)
                try stream.skip()
            }
        }
    }

    private mutating func readParameters(_ stream: XMLStream) throws(FormatError) {
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("Suite") {
                // privacyIDEA's export has it as an attribute.
                let attribute = try stream.attribute("hashalgo")
                suite = try stream.string(.algorithm) ?? attribute
            } else if stream.isElement("ResponseFormat") {
                length = try stream.attribute("Length")
                encoding = try stream.attribute("Encoding")?.uppercased()
                let checkDigits = try stream.attribute("CheckDigits")
                hasCheckDigits = checkDigits == "true" || checkDigits == "1"
                try stream.skip()
            } else {
                throw stream.failure(.unsupported, .otherParameters)
            }
        }
    }

    private mutating func readData(_ stream: XMLStream) throws(FormatError) {
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("Secret") {
                guard secret == nil else { throw stream.failure(.duplicate, .givenTwice).about(.secret) }
                secret = try PSKCValue(stream)
            } else if stream.isElement("Counter") {
                counter = try PSKCValue(stream).number(.counter)
            } else if stream.isElement("TimeInterval") {
                interval = try PSKCValue(stream).number(.period)
            } else if stream.isElement("Time") {
                start = try PSKCValue(stream).number(.period)
            } else {
                leftOut.insert(.drift)
                try stream.skip()
            }
        }
    }
}

extension FormatError.Field {
    public static let cryptoModule: Self = "cryptographic module"
    public static let policy: Self = "policy"
    public static let keyReference: Self = "key reference"
    public static let validity: Self = "validity"
    public static let drift: Self = "time drift"
    public static let pin: Self = "PIN"
    public static let signature: Self = "signature"
}

extension FormatError.Reason {
    public static let twoKeys: Self = "a package with two keys"
    public static let noKey: Self = "a package without a key"
    public static let keyReference: Self = "no secret but the name of one that is kept elsewhere"
    public static let otherStart: Self = "time steps that are not counted from 1970"
    public static let otherParameters: Self = "parameters of a challenge, which one-time passwords have not"
    public static let yubicoUser: Self = "not of the form CN=…, UID=…"
}
