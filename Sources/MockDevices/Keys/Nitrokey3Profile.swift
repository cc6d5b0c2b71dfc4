import USBTransport

/// A Nitrokey 3.
///
/// Sources: Nitrokey/nitrokey-3-firmware, `components/boards/src/init.rs` (ids, order of the interfaces);
/// trussed-dev/usbd-ccid (two endpoints, chunks, time extensions); LudovicRousseau/CCID, `readers/Nitrokey_Nitrokey_3.txt`
/// (class descriptor). The endpoint numbers are ours: hosts read them from the descriptor. The version is that of the
/// secrets application, which is all that it tells.
struct Nitrokey3Profile: KeyProfile {
    let name: String
    let productName = "Nitrokey 3"
    let firmware: VirtualModel.Firmware

    static let all = [Nitrokey3Profile(name: "nitrokey3", firmware: VirtualModel.Firmware(4, 14, 0))]

    var ccid: CCIDProfile? {
        var profile = CCIDProfile(answerToReset: Self.answerToReset, maxMessageLength: 3072, maxIFSD: 254)
        profile.features = Self.ccidFeatures
        profile.chunkSize = Self.chunkSize
        profile.setParameters = .fails(messageType: Self.setParametersAnswer)
        profile.parameters = [0x11, 0x10, 0x00, 0x15, 0x00, 0xFE, 0x00]
        profile.timeExtensionPeriod = .seconds(1)
        return profile
    }

    var descriptorPlan: DescriptorPlan {
        DescriptorPlan(
            id: USBID(vendor: Self.vendor, product: Self.product), deviceVersion: firmware.deviceVersion,
            manufacturer: "Nitrokey", product: "Nitrokey 3",
            interfaces: [
                DescriptorPlan.Interface(
                    .ccid(ccid ?? .none), endpoints: [.init(Self.ccidOut, .bulk), .init(Self.ccidIn, .bulk)]),
                DescriptorPlan.Interface(
                    .hid(report: HIDReports.fido, version: Self.hid111),
                    endpoints: [
                        .init(Self.fidoOut, .interrupt, interval: 5), .init(Self.fidoIn, .interrupt, interval: 5),
                    ]),
            ])
    }

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        Nitrokey3Chip(profile: self, serial: serial, memory: nil, random: random)
    }

    func chip(
        serial: UInt32, content: SecretsContent, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        Nitrokey3Chip(profile: self, serial: serial, memory: try content.memory(), random: random)
    }

    static let fidoIn: UInt8 = 0x82
    private static let fidoOut: UInt8 = 0x02
    private static let ccidOut: UInt8 = 0x01
    private static let ccidIn: UInt8 = 0x81
    private static let vendor: UInt16 = 0x20A0
    private static let product: UInt16 = 0x42B2
    private static let hid111: UInt16 = 0x0111
    private static let ccidFeatures: UInt32 = 0x0004_0840
    private static let chunkSize = 54
    private static let setParametersAnswer: UInt8 = 0x6C

    /// T=1, then a name in 13 bytes and the check byte.
    private static let answerToReset: [UInt8] = {
        let name = Array("Nitrokey".utf8)
        let body = [0x8F, 0x01, 0x80, 0x5D] + name + [UInt8](repeating: 0, count: 13 - name.count)
        return [0x3B] + body + [body.reduce(0, ^)]
    }()
}
