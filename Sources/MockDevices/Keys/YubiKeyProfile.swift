import USBTransport

/// All in which one YubiKey differs from another.
///
/// Sources: LudovicRousseau/CCID, `readers/Yubico_*.txt` (class descriptors, strings); public answer-to-reset lists;
/// `lsusb` of keys in public reports (HID endpoints, power). The numbers of the CCID endpoints are ours: hosts read
/// them from the descriptor.
struct YubiKeyProfile: KeyProfile {
    let name: String
    let productName: String
    let firmware: VirtualModel.Firmware
    let productID: UInt16
    /// `iProduct`: tells the interfaces, not the model.
    let usbProduct: String
    var ccid: CCIDProfile? { reader }
    var reader: CCIDProfile
    var oath: OATHProfile
    var management: ManagementProfile

    static let all = [yubiKey5, yubiKey57, yubiKey4, yubiKeyNEO]

    static let yubiKey5 = five(name: "yubikey5", firmware: VirtualModel.Firmware(5, 4, 3), credentials: 32)
    static let yubiKey57 = five(name: "yubikey57", firmware: VirtualModel.Firmware(5, 7, 1), credentials: 64)
    static let yubiKey4 = four(name: "yubikey4", firmware: VirtualModel.Firmware(4, 3, 5))
    static let yubiKeyNEO = neo(name: "yubikeyneo", firmware: VirtualModel.Firmware(3, 4, 9))

    static func five(name: String, firmware: VirtualModel.Firmware, credentials: Int) -> YubiKeyProfile {
        let ccid = CCIDProfile(answerToReset: answerToReset5, maxMessageLength: 3072, maxIFSD: 3062)
        return YubiKeyProfile(
            name: name, productName: "YubiKey 5 NFC", firmware: firmware, productID: allInterfaces45,
            usbProduct: "YubiKey OTP+FIDO+CCID", reader: ccid,
            oath: OATHProfile(
                firmware: firmware, credentials: credentials, longestAnswer: longestAnswer(of: ccid)),
            management: ManagementProfile(
                firmware: firmware, contents: .full, supported: KeyApplications.yubiKey5.twoBytes))
    }

    static func four(name: String, firmware: VirtualModel.Firmware) -> YubiKeyProfile {
        let ccid = CCIDProfile(answerToReset: answerToReset4, maxMessageLength: 3072, maxIFSD: 2038)
        return YubiKeyProfile(
            name: name, productName: "YubiKey 4", firmware: firmware, productID: allInterfaces45,
            usbProduct: "Yubikey 4 OTP+U2F+CCID", reader: ccid,
            oath: OATHProfile(firmware: firmware, credentials: 32, longestAnswer: longestAnswer(of: ccid)),
            management: ManagementProfile(
                firmware: firmware, contents: .basic, supported: KeyApplications.yubiKey4.oneByte))
    }

    static func neo(name: String, firmware: VirtualModel.Firmware) -> YubiKeyProfile {
        YubiKeyProfile(
            name: name, productName: "YubiKey NEO", firmware: firmware, productID: allInterfacesNEO,
            usbProduct: "Yubikey NEO OTP+U2F+CCID",
            reader: CCIDProfile(answerToReset: answerToResetNEO, maxMessageLength: 1400, maxIFSD: 1400), oath: .neo,
            management: ManagementProfile(firmware: firmware, contents: .none, supported: []))
    }

    var descriptorPlan: DescriptorPlan {
        DescriptorPlan(
            id: USBID(vendor: Self.yubico, product: productID), deviceVersion: firmware.deviceVersion,
            manufacturer: "Yubico", product: usbProduct,
            interfaces: [
                DescriptorPlan.Interface(
                    .hid(report: HIDReports.otpKeyboard, version: Self.hid110), subclass: Self.bootSubclass,
                    protocolCode: Self.keyboardProtocol,
                    endpoints: [.init(Self.otpIn, .interrupt, packetSize: 8, interval: 10)]),
                DescriptorPlan.Interface(
                    .hid(report: HIDReports.fido, version: Self.hid110),
                    endpoints: [
                        .init(Self.fidoOut, .interrupt, interval: 2), .init(Self.fidoIn, .interrupt, interval: 2),
                    ]),
                DescriptorPlan.Interface(
                    .ccid(reader),
                    endpoints: [
                        .init(Self.ccidOut, .bulk), .init(Self.ccidIn, .bulk),
                        .init(Self.ccidNotify, .interrupt, packetSize: 8, interval: 32),
                    ]),
            ])
    }

    private static func longestAnswer(of ccid: CCIDProfile) -> Int {
        ccid.maxMessageLength - CCIDCommand.headerLength - statusWordLength
    }

    private static let statusWordLength = 2
    private static let yubico: UInt16 = 0x1050
    private static let allInterfaces45: UInt16 = 0x0407
    private static let allInterfacesNEO: UInt16 = 0x0116
    private static let hid110: UInt16 = 0x0110
    private static let bootSubclass: UInt8 = 1
    private static let keyboardProtocol: UInt8 = 1
    private static let otpIn: UInt8 = 0x81
    private static let fidoOut: UInt8 = 0x04
    private static let fidoIn: UInt8 = 0x84
    private static let ccidOut: UInt8 = 0x02
    private static let ccidIn: UInt8 = 0x82
    private static let ccidNotify: UInt8 = 0x83

    private static let answerToReset5: [UInt8] =
        [0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57]
        + Array("YubiKey".utf8)
        + [0x40]
    private static let answerToReset4: [UInt8] =
        [0x3B, 0xF8, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15] + Array("Yubikey4".utf8) + [0xD4]
    private static let answerToResetNEO: [UInt8] =
        [0x3B, 0xFC, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15] + Array("YubikeyNEOr3".utf8) + [0xE1]
}
