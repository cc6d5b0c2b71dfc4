public import SecretFormats

/// Our conversation with one device, in the words of the job and not of a protocol.
///
/// Each method does its transfers before it returns. A feature that the firmware lacks is refused by `check` before
/// any transfer.
public protocol ProvisioningSession: AnyObject {
    var device: DeviceInfo { get }
    /// How many credentials fit, where that is known.
    var capacity: Int? { get }
    /// Whether the device wants its access code before anything else.
    var isLocked: Bool { get }

    /// - Parameter accessCode: UTF-8 text.
    func unlock(accessCode: Secret) throws(DeviceError)

    /// Refuses what this device cannot hold. Costs no transfer.
    func check(_ credential: Credential, _ options: WriteOptions) throws(DeviceError)

    func list() throws(DeviceError) -> [StoredCredential]

    /// Those of the credentials that `credential` might collide with. By default all; a device that is asked place by place
    /// is asked for one.
    func neighbors(
        of credential: Credential, _ options: WriteOptions
    ) throws(DeviceError) -> [StoredCredential]

    /// Whether a credential with `terms` would be written in the place of `stored`: the same name here, the same slot there.
    func wouldOverwrite(_ stored: StoredCredential, with terms: CredentialTerms, _ options: WriteOptions) -> Bool

    /// The name that the device would list a credential with this label under; nil where it keeps none, and where the name
    /// is what tells credentials apart. By default nil.
    func nameInSlot(of label: Label) -> String?

    /// Writes a credential over whatever has its name, then has the device prove that it computes with it.
    ///
    /// HOTP credentials stand at the counter of `credential` afterwards, whatever the proof took.
    ///
    /// - Parameter observe: hears what is about to happen; `.writing` before the first transfer that changes anything.
    func write(
        _ credential: Credential, _ options: WriteOptions, observe: (EnrollmentStep) -> Void
    ) throws(DeviceError) -> Verification

    /// A code, computed by the device. For HOTP it is the next one, and the device's counter steps.
    ///
    /// - Parameter unixTime: seconds since 1970 for TOTP.
    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode

    /// Codes of all credentials that need neither a touch nor a counter.
    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode]

    func rename(_ credential: StoredCredential, to label: Label) throws(DeviceError)
    func delete(_ credential: StoredCredential) throws(DeviceError)

    /// Ends the session and closes the device. Further calls do nothing.
    func close()
}

extension ProvisioningSession {
    public func neighbors(
        of credential: Credential, _ options: WriteOptions
    ) throws(DeviceError) -> [StoredCredential] {
        try list()
    }

    public func nameInSlot(of label: Label) -> String? { nil }
}

public struct WriteOptions: Hashable, Sendable {
    /// The device computes only when it is touched.
    public var touch = false
    /// For devices with numbered places.
    public var slot: Int?
    /// The device computes only after its PIN.
    public var pin = false

    public init(touch: Bool = false, slot: Int? = nil, pin: Bool = false) {
        self.touch = touch
        self.slot = slot
        self.pin = pin
    }
}

/// What a device lists: no secret in it.
public struct StoredCredential: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case totp(period: Int)
        case hotp
        /// HOTP of the host: the device checks codes of it and computes none, see `HostVerifying`.
        case reverseHOTP
        /// A type that this program does not know.
        case unknown(UInt8)
    }

    /// The device's own name for it, byte by byte.
    public let id: [UInt8]
    /// Whether `id` is text in UTF-8, and not names with their lengths or in other letters.
    public let isTextID: Bool
    public let issuer: String?
    public let account: String
    public let kind: Kind
    /// nil where the device does not tell or says something unknown.
    public let algorithm: HashAlgorithm?
    /// nil where the device says it with each code. One that computes without knowing what for is read with six.
    public private(set) var digits: Int?
    /// For devices with numbered places.
    public let place: Int?
    /// What tells apart the places of one number, where the device counts more than once from its first; nil in the
    /// first series.
    public let series: String?

    /// Issuer and account as people write them.
    public var label: String { issuer.map { $0 + ":" + account } ?? account }

    /// The same, behind the slot where that is what tells them apart.
    public var name: String {
        guard let place else { return label }
        let slot = (series.map { $0 + " " } ?? "") + "slot \(place)"
        return label.isEmpty ? slot : slot + ": " + label
    }

    init(
        id: [UInt8], isTextID: Bool = true, issuer: String?, account: String, kind: Kind, algorithm: HashAlgorithm?,
        digits: Int? = nil, place: Int? = nil, series: String? = nil
    ) {
        (self.id, self.isTextID, self.issuer, self.account) = (id, isTextID, issuer, account)
        (self.kind, self.algorithm, self.digits, self.place, self.series) = (kind, algorithm, digits, place, series)
    }

    /// For devices that keep one text beside a number.
    ///
    /// - Parameter text: as `FamilyFeatures.name(of:)` made it, or as somebody else did.
    init(labelled text: String, place: Int, kind: Kind, algorithm: HashAlgorithm?) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let issuer = parts.count == 2 ? parts.first : nil
        self.init(
            id: [UInt8(truncatingIfNeeded: place)], issuer: issuer, account: parts.last ?? "", kind: kind,
            algorithm: algorithm, place: place)
    }

    /// The same place, read as time-based with this period and number of digits: for devices that keep neither, where
    /// `digits` is not nil. For others it changes nothing.
    public func read(period: Int, digits: Int) -> StoredCredential {
        guard self.digits != nil else { return self }
        return StoredCredential(
            id: id, isTextID: isTextID, issuer: issuer, account: account, kind: .totp(period: period),
            algorithm: algorithm, digits: digits, place: place, series: series)
    }
}

/// A code that a device computed.
public struct DeviceCode: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case code(String)
        /// The device computes it only when touched.
        case needsTouch
        /// The device computes it only when a person approves it on its display.
        case needsApproval
        /// Computing it would step the device's counter.
        case stepsCounter
        /// The device shows or types it, and tells it nobody.
        case onDeviceOnly
    }

    public let credential: StoredCredential
    public let value: Value

    public init(credential: StoredCredential, value: Value) {
        self.credential = credential
        self.value = value
    }
}

/// What was proven after a write.
public enum Verification: String, Hashable, Sendable {
    /// The device computed, and the whole HMAC is the right one.
    case full
    /// The device computed codes that are right: at two counters, or one of 31 bits where another would cost a touch or a
    /// counter value.
    case codes
    /// The device accepted a code of the host, which it takes for one of ten.
    case accepted = "code accepted"
    /// The device repeated what it was sent.
    case echo
    /// The device lists the name.
    case labelOnly = "label only"
    /// The device counted a write and has the place in use: that it took something, not that it was this.
    case writeOnly = "write only"
}
