import USBTransport

/// Solo 2 (solokeys/solo2; trussed-dev/usbd-ccid; trussed-dev/oath-authenticator, `src/authenticator.rs`). How many
/// credentials its memory holds is not published; the number here is ours.
extension OATHKeyProfile {
    static let solo2: OATHKeyProfile = {
        var ccid = CCIDProfile(
            answerToReset: [0x3B, 0x8C, 0x80, 0x01] + Array("Solo 2 virtu".utf8) + [0x00], maxMessageLength: 3072,
            maxIFSD: 254)
        ccid.features = 0x0004_0840
        ccid.chunkSize = 54
        ccid.setParameters = .fails(messageType: 0x6C)
        ccid.parameters = [0x11, 0x10, 0x00, 0x15, 0x00, 0xFE, 0x00]
        ccid.timeExtensionPeriod = .seconds(1)
        let version = VirtualModel.Firmware(4, 4, 4)
        var oath = OATHProfile(firmware: version, credentials: 50, longestAnswer: Int.max)
        oath.shortBlock = Int.max
        oath.supportsTouch = false
        oath.supportsSHA512 = false
        oath.supportsRename = false
        oath.habits.missing = .applicationNotFound
        oath.habits.deletingMissing = nil
        oath.habits.locked = .conditionsNotSatisfied
        oath.habits.selectAlgorithm = .none
        oath.habits.opensForOneCommand = true
        oath.habits.computesWholeHMAC = false
        oath.habits.counterLength = 4
        oath.habits.hidesDigits = true
        return OATHKeyProfile(
            name: "solo2", productName: "Solo 2", firmware: version, id: USBID(vendor: 0x1209, product: 0xBEEE),
            manufacturer: "SoloKeys",
            interfaces: [reader(ccid, out: 0x01, in: 0x81), fido(out: 0x02, in: 0x82)], reader: ccid, oath: oath,
            serialDigits: 32)
    }()
}
