import USBTransport

/// Pico FIDO 8.0 (polhenarejos/pico-fido, `src/fido/oath.c`; polhenarejos/pico-keys-sdk, `src/usb`). What it does with a
/// list that is longer than its buffer of 2038 bytes is not published; here it comes whole, in chained blocks.
extension OATHKeyProfile {
    static let picoFIDO: OATHKeyProfile = {
        var ccid = CCIDProfile(
            answerToReset: [0x3B, 0xFE, 0x18, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0x80, 0x31] + Array("Pico".utf8) + [
                0
            ],
            maxMessageLength: 2048, maxIFSD: 254)
        ccid.version = 0x0110
        ccid.protocols = 0x03
        ccid.features = 0x0004_0840
        ccid.ignoresUnknownMessages = true
        ccid.parameters = [0x11, 0x10, 0xFE, 0x55, 0x03, 0xFE, 0x00]
        ccid.timeExtensionPeriod = .milliseconds(1500)
        ccid.timeExtensionMultiplier = 0
        let version = VirtualModel.Firmware(8, 0, 0)
        var oath = OATHProfile(firmware: version, credentials: 255, longestAnswer: Int.max)
        oath.shortBlock = Int.max
        oath.supportsTouch = false
        oath.habits.wrongCode = .noSuchObject
        oath.habits.reset = .keepsSalt
        oath.habits.selectAlgorithm = .withoutType
        oath.habits.hidesDigits = true
        oath.habits.showsTouchWithoutHeeding = true
        oath.habits.readsPropertyWithLength = true
        oath.staysOpenAfterSetCode = false
        return OATHKeyProfile(
            name: "picofido", productName: "Pico FIDO", firmware: version, id: USBID(vendor: 0x2E8A, product: 0x10FE),
            manufacturer: "Pol Henarejos",
            interfaces: [
                fido(out: 0x01, in: 0x81), keyboard(in: 0x83),
                DescriptorPlan.Interface(
                    .ccid(ccid),
                    endpoints: [
                        .init(0x02, .bulk), .init(0x82, .bulk), .init(0x84, .interrupt, packetSize: 8, interval: 32),
                    ]),
                DescriptorPlan.Interface(.vendor, endpoints: [.init(0x05, .bulk), .init(0x85, .bulk)]),
            ],
            reader: ccid, oath: oath, serialDigits: 16, showsSerialAsSalt: true)
    }()
}
