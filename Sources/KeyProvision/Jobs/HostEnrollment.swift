/// One job: what a host proves itself with onto one device, and how far it came. See `Enrollment`, which is the same for
/// credentials that the device computes with.
public struct HostEnrollment {
    public let credential: HostCredential
    public let options: WriteOptions
    /// Whether the host's credential of the same name may be overwritten. Nothing else is.
    public let replaces: Bool
    public private(set) var progress = Enrollment.Progress.planned

    public init(_ credential: HostCredential, options: WriteOptions = WriteOptions(), replaces: Bool = false) {
        (self.credential, self.options, self.replaces) = (credential, options, replaces)
    }

    /// Checks, writes and proves.
    ///
    /// - Parameter observe: hears each step before it is taken.
    public mutating func run(
        on session: any HostVerifying, observe: (EnrollmentStep) -> Void = { _ in }
    ) throws(DeviceError) -> Verification {
        try session.check(credential, options)
        observe(.checkingNames)
        let stored = try session.list()
        let terms = CredentialTerms(credential.credential)
        let inUse = stored.first { session.wouldOverwrite($0, with: terms, options) }
        if let inUse {
            guard replaces else { throw .alreadyExists }
            guard inUse.kind == .reverseHOTP else { throw .notSupported(.otherDirection) }
        } else if let capacity = session.capacity, stored.count >= capacity {
            throw .full(capacity: capacity)
        }
        var reached = progress
        defer { progress = reached }
        let verification = try session.write(credential, options) { step in
            reached.note(step)
            observe(step)
        }
        reached = .verified
        return verification
    }
}
