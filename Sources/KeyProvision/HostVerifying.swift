public import SecretFormats

/// What a session can do besides where the device checks codes of the host: HOTP (RFC 4226) the other way round. The host
/// computes, and the device says whether the code is one of those that are next.
///
/// It never computes a code of such a credential itself, so that no host can have it compute the codes that it is to be
/// shown.
public protocol HostVerifying: ProvisioningSession {
    /// Refuses what this device cannot hold. Costs no transfer.
    func check(_ credential: HostCredential, _ options: WriteOptions) throws(DeviceError)

    /// Writes a credential over the host's credential of its name, then has the device accept a code.
    ///
    /// The device stands at the counter of `credential` afterwards: the code of the proof is the one before, which no host
    /// uses. For the counter 0 there is none before; the proof then takes the code of 0, and what was proven is written again.
    ///
    /// - Parameter observe: hears what is about to happen; `.writing` before the first transfer that changes anything.
    func write(
        _ credential: HostCredential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification

    /// Shows the device a code. One that it accepts is used up, with all that are before it.
    ///
    /// - Parameter code: the digits of a code as a number.
    /// - Returns: whether it is one of those that are next.
    func accepts(code: UInt32, of credential: StoredCredential) throws(DeviceError) -> Bool
}

/// With what a host proves itself to a device.
public struct HostCredential: Sendable {
    /// As the host computes; always HOTP.
    let credential: Credential
    /// Of the first code that the host is going to show.
    public let counter: UInt64

    public var label: Label { credential.label }
    public var algorithm: HashAlgorithm { credential.algorithm }
    public var digits: Int { credential.digits }
    public var secret: Secret { credential.secret }

    public init(
        label: Label, counter: UInt64, algorithm: HashAlgorithm = .sha1, digits: Int = Credential.defaultDigits,
        secret: Secret
    ) throws(FormatError) {
        credential = try Credential(
            label: label, kind: .hotp(counter: counter), algorithm: algorithm, digits: digits, secret: secret)
        self.counter = counter
    }

    /// The counter that the proof uses up.
    var provenCounter: UInt64 { counter == 0 ? 0 : counter - 1 }

    /// The code of `provenCounter` as a number.
    var provenCode: UInt32 {
        get throws(CryptoError) {
            let code = try OneTimePassword.code(for: credential, counter: provenCounter)
            guard let number = UInt32(code) else { throw CryptoError(.truncate, code: .invalidArgument) }
            return number
        }
    }
}

extension FamilyFeatures {
    /// Refuses what no firmware of the family takes.
    ///
    /// - Parameter firmware: for the words of the refusal.
    func require(_ host: HostCredential, _ options: WriteOptions, firmware: Version) throws(DeviceError) {
        guard let reverseHOTP else { throw .notSupported(.hostCodes) }
        var features = self
        features.hotp = reverseHOTP
        try features.require(host.credential, options, firmware: firmware)
    }
}
