/// What the OTP application can do from some firmware on (yubikit, `yubiotp.py`).
enum OTPFeature: String, CaseIterable, Sendable {
    case hotp = "OATH-HOTP"
    case challengeResponse = "challenge-response"
    case swap = "swapping slots"
    case update = "an access code for a slot as it is"
    case shortTicket = "static passwords of chosen characters"

    var minimum: Version {
        switch self {
        case .hotp, .challengeResponse: Version(2, 2, 0)
        case .swap, .update: Version(2, 3, 0)
        case .shortTicket: Version(2, 0, 0)
        }
    }

    /// Firmware whose update leaves the access code as it was.
    static let updateKeepsAccessCode = Version(4, 3, 2)...Version(4, 3, 5)

    func require(_ version: Version) throws(DeviceError) {
        guard version >= minimum else { throw .notSupported(.feature(rawValue, needs: minimum, has: version)) }
    }
}
