/// What the OTP application can do from some firmware on (yubikit, `yubiotp.py`).
enum OTPFeature: String, CaseIterable, Sendable {
    case hotp = "OATH-HOTP"
    case challengeResponse = "challenge-response"
    case swap = "swapping slots"

    var minimum: Version {
        switch self {
        case .hotp, .challengeResponse: Version(2, 2, 0)
        case .swap: Version(2, 3, 0)
        }
    }

    func require(_ version: Version) throws(DeviceError) {
        guard version >= minimum else { throw .notSupported(.feature(rawValue, needs: minimum, has: version)) }
    }
}
