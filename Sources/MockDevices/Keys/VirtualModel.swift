import USBTransport

/// A product that can be had as a virtual key.
public struct VirtualModel: Hashable, Sendable {
    /// What an operator types, e.g. `yubikey5`.
    public var name: String { profile.name }
    /// As the maker sells it, e.g. `YubiKey 5 NFC`.
    public var productName: String { profile.productName }
    public var firmware: Firmware { profile.firmware }

    let profile: any KeyProfile
    let descriptors: DescriptorSet

    /// - Returns: nil for a profile whose descriptors do not parse.
    init?(_ profile: any KeyProfile) {
        guard let descriptors = try? profile.descriptorPlan.descriptors() else { return nil }
        (self.profile, self.descriptors) = (profile, descriptors)
    }

    /// Those of all families. Names are unique.
    public static let all: [VirtualModel] =
        yubiKeys + oathKeys + nitrokeys3 + nitrokeysPro + nitrokeysStorage + libremKeys + onlyKeys + molto2
        + token2PINPlus + mooltipass

    public static let yubiKeys = models(YubiKeyProfile.all)
    public static let onlyKeys = models(OnlyKeyProfile.all)
    public static let molto2 = models([Molto2KeyProfile.molto2])
    public static let token2PINPlus = models(Token2KeyProfile.all)
    public static let mooltipass = models(MooltipassProfile.all)

    /// Keys of other makers with a YKOATH application.
    public static let oathKeys = models(OATHKeyProfile.all)

    public static let nitrokeys3 = models(Nitrokey3Profile.all)
    public static let nitrokeysPro = models(NitrokeyProProfile.pro)
    public static let nitrokeysStorage = models(NitrokeyProProfile.storage)
    public static let libremKeys = models(NitrokeyProProfile.libremKey)

    private static func models(_ profiles: [any KeyProfile]) -> [VirtualModel] {
        profiles.compactMap { VirtualModel($0) }
    }

    public static func named(_ name: String) -> VirtualModel? { all.first { $0.name == name } }

    public static func == (left: VirtualModel, right: VirtualModel) -> Bool { left.name == right.name }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// A firmware version of three numbers.
    public struct Firmware: Hashable, Sendable, Comparable, CustomStringConvertible {
        public let major: UInt8
        public let minor: UInt8
        public let patch: UInt8

        public init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8) {
            (self.major, self.minor, self.patch) = (major, minor, patch)
        }

        public var description: String { "\(major).\(minor).\(patch)" }
        public var bytes: [UInt8] { [major, minor, patch] }

        /// `bcdDevice`: the major version in the high byte, minor and patch in a half byte each.
        var deviceVersion: UInt16 {
            UInt16(major) << 8 | UInt16(minor & Self.halfByte) << 4 | UInt16(patch & Self.halfByte)
        }

        public static func < (left: Firmware, right: Firmware) -> Bool {
            (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
        }

        private static let halfByte: UInt8 = 0x0F
    }
}
