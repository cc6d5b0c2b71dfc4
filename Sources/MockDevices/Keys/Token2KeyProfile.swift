import USBTransport

/// A Token2 PIN+ with its reader switched on.
///
/// The id is from LudovicRousseau/CCID, `supported_readers.txt`. What its reader says of itself is published nowhere, so one
/// model takes extended APDUs and the other does not; endpoints and the answer to reset are ours. The FIDO interface is left
/// out. The numbers of the models are those of the maker's releases, which a key does not tell.
struct Token2KeyProfile: KeyProfile {
    let name: String
    let productName = "Token2 PIN+"
    let firmware: VirtualModel.Firmware
    private let takesExtended: Bool

    static let all = [
        Token2KeyProfile(name: "token2pin", firmware: VirtualModel.Firmware(3, 4, 0), takesExtended: true),
        Token2KeyProfile(name: "token2pin33", firmware: VirtualModel.Firmware(3, 3, 0), takesExtended: false),
    ]

    var ccid: CCIDProfile? {
        var profile = CCIDProfile(
            answerToReset: Self.answerToReset, maxMessageLength: takesExtended ? 3072 : 271, maxIFSD: 254)
        profile.features = takesExtended ? Self.extendedAPDUs : Self.shortAPDUs
        return profile
    }

    var descriptorPlan: DescriptorPlan {
        DescriptorPlan(
            id: USBID(vendor: Self.token2, product: Self.product), deviceVersion: Self.deviceVersion,
            manufacturer: "TOKEN2", product: "FIDO2 Security Key(0024)",
            interfaces: [
                DescriptorPlan.Interface(
                    .ccid(ccid ?? .none), endpoints: [.init(Self.ccidOut, .bulk), .init(Self.ccidIn, .bulk)])
            ])
    }

    private var hasPIN: Bool { firmware >= Self.firstWithPIN }

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        Token2Chip(serial: serial, hasPIN: hasPIN, memory: nil, random: random)
    }

    func chip(
        serial: UInt32, content: Token2Content, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        let memory = try content.memory()
        guard hasPIN || memory.pin == nil else { throw .invalid(.pin) }
        return Token2Chip(serial: serial, hasPIN: hasPIN, memory: memory, random: random)
    }

    private static let firstWithPIN = VirtualModel.Firmware(3, 4, 0)
    private static let token2: UInt16 = 0x349E
    private static let product: UInt16 = 0x0024
    private static let extendedAPDUs: UInt32 = 0x0004_00FE
    private static let shortAPDUs: UInt32 = 0x0002_00FE
    private static let answerToReset: [UInt8] = [0x3B, 0x80, 0x80, 0x01, 0x01]
    private static let deviceVersion: UInt16 = 0x0100
    private static let ccidOut: UInt8 = 0x01
    private static let ccidIn: UInt8 = 0x81
}
