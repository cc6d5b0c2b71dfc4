import USBTransport

/// All in which one key of a maker other than Yubico, with a YKOATH applet, differs from another.
struct OATHKeyProfile: KeyProfile {
    let name: String
    let productName: String
    /// As SELECT of the applet tells it.
    let firmware: VirtualModel.Firmware
    let id: USBID
    let manufacturer: String
    let interfaces: [DescriptorPlan.Interface]
    let reader: CCIDProfile
    var oath: OATHProfile
    /// Digits of `iSerialNumber`, the key's number with zeros before it.
    let serialDigits: Int
    /// For keys that have an administration applet.
    var admin: CanoKeyAdmin.Profile?
    var vendorRequests: WebUSBRequests.Codes?
    /// The salt is no random one but the beginning of the serial number.
    var showsSerialAsSalt = false

    var ccid: CCIDProfile? { reader }

    var descriptorPlan: DescriptorPlan {
        var plan = DescriptorPlan(
            id: id, deviceVersion: firmware.deviceVersion, manufacturer: manufacturer, product: productName,
            interfaces: interfaces)
        plan.hasSerialNumber = true
        return plan
    }

    func serialString(_ serial: UInt32) -> String? {
        let digits = String(serial)
        return String(repeating: "0", count: max(0, serialDigits - digits.count)) + digits
    }

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip {
        let salt = showsSerialAsSalt ? serialString(serial).map { Array($0.utf8.prefix(OATHMemory.saltLength)) } : nil
        return card(salt.map { OATHMemory(salt: $0) }, admin(serial), random)
    }

    func chip(
        serial: UInt32, content: OATHCardContent, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        var admin = admin(serial)
        if let tries = content.adminTries {
            guard admin != nil, 0...CanoKeyAdmin.pinTries ~= tries else { throw .invalid(.pin) }
            admin?.tries = tries
        }
        return card(try content.oath.memory(oath), admin, random)
    }

    private func card(
        _ memory: OATHMemory?, _ admin: CanoKeyAdmin?, _ random: any RandomNumberGenerator & Sendable
    ) -> OATHCard {
        OATHCard(profile: oath, admin: admin, vendorRequests: vendorRequests, memory: memory, random: random)
    }

    /// The serial number is the one of `iSerialNumber`, which has its bytes in hexadecimal digits.
    private func admin(_ serial: UInt32) -> CanoKeyAdmin? {
        admin.map { profile in
            let digits = (serialString(serial) ?? "").compactMap(\.hexDigitValue).map { UInt8(truncatingIfNeeded: $0) }
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
            return CanoKeyAdmin(profile: profile, serial: bytes)
        }
    }

    static let all = [canoKey, solo2, picoFIDO]

    static func reader(_ ccid: CCIDProfile, out: UInt8, in input: UInt8) -> DescriptorPlan.Interface {
        DescriptorPlan.Interface(.ccid(ccid), endpoints: [.init(out, .bulk), .init(input, .bulk)])
    }

    static func fido(out: UInt8, in input: UInt8) -> DescriptorPlan.Interface {
        DescriptorPlan.Interface(
            .hid(report: HIDReports.fido, version: hid111),
            endpoints: [.init(out, .interrupt, interval: 5), .init(input, .interrupt, interval: 5)])
    }

    static func keyboard(in input: UInt8) -> DescriptorPlan.Interface {
        DescriptorPlan.Interface(
            .hid(report: HIDReports.plainKeyboard, version: hid111), subclass: bootSubclass,
            protocolCode: keyboardProtocol, endpoints: [.init(input, .interrupt, packetSize: 8, interval: 10)])
    }

    private static let hid111: UInt16 = 0x0111
    private static let bootSubclass: UInt8 = 1
    private static let keyboardProtocol: UInt8 = 1
}
