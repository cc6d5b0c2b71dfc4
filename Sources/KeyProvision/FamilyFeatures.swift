public import SecretFormats

/// What the devices of a family take and how they are proven, before anything of firmware. What a certain firmware lacks
/// is refused by `ProvisioningSession.check`.
public struct FamilyFeatures: Hashable, Sendable {
    public struct Kind: Hashable, Sendable {
        public let algorithms: [HashAlgorithm]
        public let digits: [Int]
        /// Seconds of a time step; nil for any.
        public let periods: [Int]?
        /// Seconds of the longest time step, where `periods` names none; nil for any.
        public let longestPeriod: Int?
        /// What is known after a write.
        public let proof: Verification
        /// Numbers of the places for credentials of this kind, where they are others than the family's.
        public let slots: ClosedRange<Int>?

        public init(
            algorithms: [HashAlgorithm], digits: [Int], periods: [Int]? = nil, longestPeriod: Int? = nil,
            proof: Verification, slots: ClosedRange<Int>? = nil
        ) {
            (self.algorithms, self.digits, self.periods, self.proof) = (algorithms, digits, periods, proof)
            (self.longestPeriod, self.slots) = (longestPeriod, slots)
        }

        func takes(period: Int) -> Bool {
            periods?.contains(period) ?? longestPeriod.map { period <= $0 } ?? true
        }
    }

    /// nil where the devices do not do it.
    public var totp: Kind?
    public var hotp: Kind?
    /// HOTP of the host, of which the devices check the codes: a session is a `HostVerifying`.
    public var reverseHOTP: Kind?
    /// Bytes of a secret that is stored as it is; nil for any. One that is longer than a block of its hash is stored as its
    /// hash, which HMAC takes for the same.
    public var longestSecret: Int?
    /// Why there is no `hotp`, where there is more to say than that.
    public var hotpRefusal: Refusal?
    /// How many credentials fit, where that is one number for all.
    public var capacity: Int?
    /// How many fit from a firmware on, where that differs; earlier ones have no number.
    public var capacitySince: [Version: Int] = [:]
    /// What firmware before a version does otherwise.
    public var earlier: Earlier?

    public struct Earlier: Hashable, Sendable {
        public let before: Version
        public let longestSecret: Int
        public let proof: Verification
    }

    /// A first counter is a multiple of this.
    public var counterStep: UInt64 = 1
    public var maxCounter: UInt64
    /// The lowest counter that a device can be made to compute first.
    public var minCounter: UInt64 = 0
    /// Numbers of the places for credentials; nil where credentials are told apart by their names.
    public var slots: ClosedRange<Int>?
    /// What the maker calls the places, where that is not their numbers.
    public var slotNames: String?
    /// Whether deleting a credential empties its place, with all that others keep there.
    public var deletionEmptiesPlace = false
    /// Of a name as the devices keep it, in bytes of UTF-8, or in letters where `names` has them of 16 bits; nil where they
    /// keep none.
    public var longestName: Int?
    /// What counts as a name.
    public var names = NameForm.joined
    /// Whether a credential can be made to compute only at a touch.
    public var touch = Availability.never
    /// Why it cannot, where there is more to say than that.
    public var touchRefusal: Refusal?
    public var renaming = Availability.never
    /// Whether a single credential can be made to compute only after a PIN.
    public var pinProtection = Availability.never
    /// What the PINs of the devices are for; none where a session is no `PINProvisioning`.
    public var pins: [PINUse] = []
    /// Which PINs can be set or changed over USB; none where a session is no `PINChanging`.
    public var newPINs: [NewPIN] = []
    /// What an access code closes.
    public var accessCode = AccessCode.none

    public enum AccessCode: Hashable, Sendable {
        case none
        /// All credentials, for reading names and codes too.
        case application
        /// A place, against being overwritten.
        case slot
    }

    /// Whether a person approves on the device's display what is listed, written and computed.
    public var approvesOnDisplay = false

    /// From which firmware on the devices tell their codes, where not all do. Before it a write proves `labelOnly`.
    public var codesSince: Version?

    /// Hashes that not every firmware has.
    public var algorithmsSince: [HashAlgorithm: Version] = [:]
    /// Written from descriptions that contradict each other in places, and tried on virtual keys only.
    public var isExperimental = false

    /// USB transfers of enrolling a TOTP credential into an empty device that the protocol cannot do without, from opening
    /// to closing: what an enrollment takes here, the tests hold. nil where looks at a busy device make no fixed number.
    public var enrollmentTransfers: Int?
    /// The same for devices that have to be looked at again while they work, where `enrollmentTransfers` is nil: of the
    /// smallest model with the newest version of the protocol, were it never at work.
    public var leastTransfers: Int?

    public enum NameForm: String, Hashable, Sendable {
        /// Issuer and account in one text.
        case joined
        /// Issuer and account each by itself, in printable ASCII.
        case apartInASCII = "apart in ASCII"
        /// Both, each by itself, in letters of 16 bits: the Basic Multilingual Plane of Unicode.
        case apartInBMP = "apart in BMP"
    }

    /// In which firmware the devices of a family can do something.
    public enum Availability: Hashable, Sendable {
        case never
        case always
        case since(Version)

        public func isGiven(by firmware: Version) -> Bool {
            switch self {
            case .never: false
            case .always: true
            case .since(let minimum): firmware >= minimum
            }
        }
    }

    /// How many credentials fit; nil where that is not known.
    public func capacity(of firmware: Version) -> Int? {
        capacitySince.filter { $0.key <= firmware }.max { $0.key < $1.key }?.value ?? capacity
    }

    public func kind(_ kind: Credential.Kind) -> Kind? {
        switch kind {
        case .totp: totp
        case .hotp: hotp
        }
    }

    /// A name that a device keeps beside a number, which is what tells credentials apart: the label, cut to what fits.
    func name(of label: Label) -> String {
        let text = label.issuer.map { $0 + ":" + label.account } ?? label.account
        guard let longestName else { return "" }
        var name = text[...]
        while name.utf8.count > longestName { name = name.dropLast() }
        return String(name)
    }

    /// Refuses a number that none of the family's places has.
    ///
    /// - Parameter slot: nil for none.
    public func require(slot: Int?) throws(DeviceError) {
        guard let slot else { return }
        guard let slots else { throw .notSupported(.slots) }
        guard slots.contains(slot) else { throw .notSupported(.slotMissing(slots)) }
    }

    /// Refuses what no firmware of the family takes.
    ///
    /// - Parameter firmware: for the words of the refusal.
    func require(_ credential: Credential, _ options: WriteOptions, firmware: Version) throws(DeviceError) {
        func refuse(_ feature: String) -> DeviceError {
            .notSupported(.feature(feature, needs: nil, has: firmware))
        }
        switch (slots, options.slot) {
        case (nil, nil): break
        case (nil, _?): throw .notSupported(.slots)
        case (let slots?, nil):
            throw .notSupported(.slotMissing(slots))
        case (let slots?, let slot?):
            guard slots.contains(slot) else { throw refuse("slot \(slot)") }
        }
        guard !options.pin || pinProtection.isGiven(by: firmware) else { throw .notSupported(.pinProtection) }
        guard let kind = kind(credential.kind) else {
            if !credential.kind.isTOTP, let hotpRefusal { throw .notSupported(hotpRefusal) }
            throw refuse(credential.kind.isTOTP ? "TOTP" : "HOTP")
        }
        switch names {
        case .joined: break
        case .apartInASCII: try requireASCII(credential.label)
        case .apartInBMP: try requireBMP(credential.label)
        }
        if let slots = kind.slots, let slot = options.slot, !slots.contains(slot) {
            let name = credential.kind.isTOTP ? "TOTP" : "HOTP"
            throw refuse("\(name) in slot \(slot): \(name) has slots \(slots.lowerBound) to \(slots.upperBound)")
        }
        if options.touch, touch == .never, let touchRefusal { throw .notSupported(touchRefusal) }
        guard kind.algorithms.contains(credential.algorithm) else { throw refuse(credential.algorithm.rawValue) }
        guard kind.digits.contains(credential.digits) else { throw refuse("codes of \(credential.digits) digits") }
        if case .totp(let period) = credential.kind, !kind.takes(period: period) {
            throw refuse("time steps of \(period) seconds")
        }
        if let longestSecret, credential.secret.count > longestSecret,
            credential.secret.count <= credential.algorithm.blockLength
        {
            throw .notSupported(.secretTooLong(credential.secret.count, limit: longestSecret))
        }
        if case .hotp(let counter) = credential.kind {
            guard counter <= maxCounter else { throw .notSupported(.counterTooLarge(limit: maxCounter)) }
            guard counter >= minCounter else { throw .notSupported(.counterTooSmall(minimum: minCounter)) }
            guard counter.isMultiple(of: counterStep) else {
                throw refuse("a first counter that is no multiple of \(counterStep)")
            }
        }
    }

    private func requireASCII(_ label: Label) throws(DeviceError) {
        for part in [label.issuer, label.account].compactMap(\.self) {
            guard part.utf8.allSatisfy({ UInt8(ascii: " ")...UInt8(ascii: "~") ~= $0 }) else {
                throw .notSupported(.nameNotASCII)
            }
            if let longestName, part.utf8.count > longestName {
                throw .notSupported(.namePartTooLong(part.utf8.count, limit: longestName))
            }
        }
    }

    private func requireBMP(_ label: Label) throws(DeviceError) {
        guard let issuer = label.issuer else { throw .notSupported(.issuerMissing) }
        for part in [issuer, label.account] {
            guard part.unicodeScalars.allSatisfy({ UInt16(exactly: $0.value) != nil }) else {
                throw .notSupported(.nameOutsideBMP)
            }
            if let longestName, part.utf16.count > longestName {
                throw .notSupported(.nameLettersTooMany(part.utf16.count, limit: longestName))
            }
        }
    }

    /// Refuses what this firmware does not have.
    func require(_ availability: Availability, _ feature: String, firmware: Version) throws(DeviceError) {
        switch availability {
        case .always: break
        case .never: throw .notSupported(.feature(feature, needs: nil, has: firmware))
        case .since(let minimum):
            guard firmware >= minimum else {
                throw .notSupported(.feature(feature, needs: minimum, has: firmware))
            }
        }
    }
}
