import USBTransport

/// The Token2 Molto2. Its first interface, of which nothing is published, is left out; the numbers of the reader's endpoints
/// and its answer to reset are ours: hosts read the former from the descriptor and pass over the latter.
struct Molto2KeyProfile: KeyProfile {
    let name: String
    let productName: String
    let firmware: VirtualModel.Firmware
    var ccid: CCIDProfile? {
        CCIDProfile(answerToReset: Self.answerToReset, maxMessageLength: 271, maxIFSD: 254)
    }

    static let molto2 = Molto2KeyProfile(
        name: "molto2", productName: "Token2 Molto2", firmware: VirtualModel.Firmware(2, 1, 0))

    var descriptorPlan: DescriptorPlan {
        DescriptorPlan(
            id: USBID(vendor: Self.token2, product: Self.molto2Product), deviceVersion: Self.deviceVersion,
            manufacturer: "TOKEN2",
            product: "Molto2",
            interfaces: [
                DescriptorPlan.Interface(
                    .ccid(ccid ?? .none), endpoints: [.init(Self.ccidOut, .bulk), .init(Self.ccidIn, .bulk)])
            ])
    }

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        Molto2Chip(serial: serial, memory: Molto2Memory(), random: random)
    }

    func chip(
        serial: UInt32, content: Molto2Content, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        Molto2Chip(serial: serial, memory: try content.memory(), random: random)
    }

    private static let token2: UInt16 = 0x349E
    private static let molto2Product: UInt16 = 0x0300
    private static let answerToReset: [UInt8] = [0x3B, 0x80, 0x80, 0x01, 0x01]
    private static let deviceVersion: UInt16 = 0x0100
    private static let ccidOut: UInt8 = 0x01
    private static let ccidIn: UInt8 = 0x81
}
