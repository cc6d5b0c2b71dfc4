import USBTransport

/// CanoKey (canokeys/canokey-core: `interfaces/USB/device/usbd_desc.c`, `interfaces/USB/class`, `applets/oath/oath.c`).
extension OATHKeyProfile {
    static let canoKey: OATHKeyProfile = {
        var ccid = CCIDProfile(
            answerToReset: [0x3B, 0xF7, 0x11, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x65] + Array("Canokey".utf8) + [0x99],
            maxMessageLength: 1352, maxIFSD: 254)
        ccid.acceptsAutomaticVoltageOnly = true
        ccid.setsErrorOnSuccess = true
        ccid.timeExtensionPeriod = .milliseconds(1500)
        let version = VirtualModel.Firmware(6, 0, 0)
        var oath = OATHProfile(firmware: version, credentials: 100, longestAnswer: 1340)
        oath.shortBlock = 256
        oath.habits.nameInUse = .conditionsNotSatisfied
        oath.habits.malformedPut = .wrongLength
        oath.habits.reset = .absent
        oath.habits.selectAlgorithm = .withoutType
        oath.habits.staysOpenOverSelect = true
        oath.habits.countsBeforeComputing = true
        oath.habits.cutsBetweenRecords = true
        oath.habits.refusesCounterOfTOTP = true
        oath.habits.digits = 4...8
        oath.habits.shortestKey = 1
        oath.habits.longestKey = 64
        oath.habits.touchWindow = .seconds(30)
        oath.staysOpenAfterSetCode = false
        return OATHKeyProfile(
            name: "canokey", productName: "CanoKey", firmware: version, id: USBID(vendor: 0x20A0, product: 0x42D4),
            manufacturer: "canokeys.org",
            interfaces: [
                fido(out: 0x01, in: 0x81), DescriptorPlan.Interface(.vendor, endpoints: []),
                reader(ccid, out: 0x02, in: 0x82), keyboard(in: 0x83),
            ],
            reader: ccid, oath: oath, serialDigits: 8,
            admin: CanoKeyAdmin.Profile(firmware: "3.0.1", hardware: "CanoKey Pigeon"),
            vendorRequests: .canoKey)
    }()
}
