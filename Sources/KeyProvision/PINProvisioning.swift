public import SecretFormats

/// What a session can do besides where the device wants a PIN for some of what it does.
///
/// A PIN is tried once: after a wrong one the session forgets it and says how many tries are left, because the device
/// blocks the PIN after a few.
public protocol PINProvisioning: ProvisioningSession {
    /// The PINs that an operation takes. Costs no transfer.
    func pins(for operation: PINOperation) -> [PINNeed]

    /// Wrong tries that are left; nil where the device does not tell. 0 is a blocked PIN.
    func triesLeft(of pin: PIN) throws(DeviceError) -> Int?

    /// Gives a PIN for what follows. Some devices try it now, others when it is first needed.
    ///
    /// - Parameter secret: UTF-8 text.
    /// - Throws: `.wrongPIN`, `.pinBlocked`; `.pinNotSet` where the device has none; `.malformedPIN` for what is not sent.
    func use(_ secret: Secret, as pin: PIN) throws(DeviceError)
}

/// Whose PIN.
public enum PIN: String, Hashable, Sendable, CaseIterable {
    case user, admin
}

/// What a PIN of a family's devices is for.
public struct PINUse: Hashable, Sendable {
    public enum Job: String, Hashable, Sendable, CaseIterable {
        case list, write, code, delete, rename
        /// To write what a host proves itself with.
        case reverse = "reverse-hotp"
    }

    public let pin: PIN
    public let jobs: [Job]
    /// Whether nothing of `jobs` goes without it; else only where the device or the credential was set so.
    public let isAlwaysNeeded: Bool

    public init(_ pin: PIN, for jobs: [Job], isAlwaysNeeded: Bool) {
        (self.pin, self.jobs, self.isAlwaysNeeded) = (pin, jobs, isAlwaysNeeded)
    }
}

/// What is going to be done.
public enum PINOperation: Hashable, Sendable {
    case list
    case write(WriteOptions)
    /// To write what a host proves itself with.
    case writeHost
    case compute
    case delete
    case rename
}

public enum PINNeed: Hashable, Sendable {
    /// Nothing goes without it.
    case required(PIN)
    /// More goes with it, e.g. credentials show that are hidden otherwise.
    case helpful(PIN)
}
