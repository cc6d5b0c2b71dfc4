import TestSupport
import Testing

/// Descriptors of keys, as the device sends them.
struct DescriptorVector: Sendable, CustomTestStringConvertible {
    let name: String
    let device: [UInt8]
    let configuration: [UInt8]

    var testDescription: String { name }

    /// Both in hexadecimal; the configuration's whole set, with spaces anywhere.
    private init(_ name: String, device: String, configuration: String) {
        self.name = name
        self.device = bytes(hex: device) ?? []
        self.configuration = bytes(hex: configuration.filter { !$0.isWhitespace }) ?? []
    }

    static let all = [canoKey, yubiKey, nitrokey3, odd]

    /// Sent by the CanoKey firmware 3.0: HID (FIDO), vendor (WebUSB), CCID.
    static let canoKey = DescriptorVector(
        "CanoKey",
        device: "1201100200000010a020d442000101020301",
        configuration: """
            09027f00030100803209040000020300001009211101000122220007058103400002070501034000050904010000ffffff12
            09040200020b00001136211001000702000000a00f0000a00f00000000b0040000b00400003e05000000000000
            00000000fe00040048050000ffff00000001
            07058202400000 07050202400000
            """)

    /// Composed after the published interface list of a YubiKey 5 with all applications (1050:0407): HID keyboard (OTP),
    /// HID (FIDO), CCID with an interrupt endpoint.
    static let yubiKey = DescriptorVector(
        "YubiKey 5",
        device: "120100020000004050100704430501020001",
        configuration: """
            09029600030100c00f
            090400000103010100 092110010001224700 0705810308000a
            090401000203000000 092110010001222200 07050403400002 07058403400002
            09040200030b000000
            36211001000702000000a00f0000a00f00000000b0040000b0040000f60b00000000000000000000
            fe000400000c0000ffff00000001
            07050202400000 07058202400000 07058303080020
            """)

    /// Composed after the published interface list of a Nitrokey 3: CCID and HID, each behind an interface association.
    static let nitrokey3 = DescriptorVector(
        "Nitrokey 3",
        device: "12011002ef020140a020b242070101020301",
        configuration: """
            090286000201008032
            080b00010b000000 09040000020b000004
            36211001000102000000a00f0000a00f000000402500004025000000fe0000000000000000000000
            40080400000c0000ffff00000001
            07050102400000 07058102400000
            080b010103000000 090401000203000005 092111010001222200 07050203400005 07058203400005
            """)

    /// No key: descriptors in each place where one may stand, to show that none moves or is lost.
    static let odd = DescriptorVector(
        "everything odd",
        device: "12010003000000095e043412010000000001",
        configuration: """
            09024900020400e064
            04410102
            0904000000ff000000 052401aabb
            0904000101ff000000 052402ccdd 07058102000200 063001000000
            0904030001ff010203 03500f 07050103080004
            """)
}
