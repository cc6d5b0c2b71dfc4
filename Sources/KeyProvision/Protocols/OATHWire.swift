import SecretFormats

/// Numbers of the YKOATH protocol under Yubico's names (developers.yubico.com, OATH, "YKOATH protocol specification").
enum YKOATH {
    static let applicationID = ApplicationID([0xA0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01])

    enum Instruction {
        static let put: UInt8 = 0x01
        static let delete: UInt8 = 0x02
        static let setCode: UInt8 = 0x03
        static let reset: UInt8 = 0x04
        static let rename: UInt8 = 0x05
        static let list: UInt8 = 0xA1
        static let calculate: UInt8 = 0xA2
        static let validate: UInt8 = 0xA3
        static let calculateAll: UInt8 = 0xA4
        static let sendRemaining: UInt8 = 0xA5
    }

    enum Tag {
        /// Name of a credential; in the answer to SELECT the device's salt.
        static let name: UInt8 = 0x71
        static let nameList: UInt8 = 0x72
        static let key: UInt8 = 0x73
        static let challenge: UInt8 = 0x74
        static let response: UInt8 = 0x75
        static let truncatedResponse: UInt8 = 0x76
        /// HOTP, not computed.
        static let noResponse: UInt8 = 0x77
        /// Stands before its value without a length.
        static let property: UInt8 = 0x78
        static let version: UInt8 = 0x79
        static let initialMovingFactor: UInt8 = 0x7A
        static let algorithm: UInt8 = 0x7B
        /// Not computed before the key is touched.
        static let touch: UInt8 = 0x7C
    }

    enum Property {
        static let requireTouch: UInt8 = 0x02
    }

    enum Parameter {
        static let fullResponse: UInt8 = 0x00
        static let truncatedResponse: UInt8 = 0x01
        static let reset1: UInt8 = 0xDE
        static let reset2: UInt8 = 0xAD
    }

    /// Longest name with issuer and period, in bytes.
    static let maxNameLength = 64
    /// Shorter keys are padded with zeros, which HMAC does anyway.
    static let minKeyLength = 14
    static let challengeLength = 8
    static let accessKeyLength = 16
    static let accessKeyIterations = 1_000
    static let truncatedLength = 4
}

/// Type in the upper half of the byte, algorithm in the lower. Open: a key may list what is not known here.
struct OATHKind: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ kind: Credential.Kind, _ algorithm: HashAlgorithm) {
        let type =
            switch kind {
            case .totp: Self.totp
            case .hotp: Self.hotp
            }
        let hash: UInt8 =
            switch algorithm {
            case .sha1: 1
            case .sha256: 2
            case .sha512: 3
            }
        self.init(rawValue: type | hash)
    }

    var isHOTP: Bool { rawValue & Self.typeMask == Self.hotp }
    var isTOTP: Bool { rawValue & Self.typeMask == Self.totp }

    var algorithm: HashAlgorithm? {
        switch rawValue & Self.algorithmMask {
        case 1: .sha1
        case 2: .sha256
        case 3: .sha512
        default: nil
        }
    }

    private static let hotp: UInt8 = 0x10
    private static let totp: UInt8 = 0x20
    static let typeMask: UInt8 = 0xF0
    private static let algorithmMask: UInt8 = 0x0F
}
