import ByteBuffers

/// Who a YubiKey is, as far as its smart-card side tells.
struct YubiKeyIdentity: Hashable, Sendable {
    var serial: UInt32?
    var firmware: Version?
    var formFactor: FormFactor?
    var isFIPS = false
    var supportsNFC = false

    /// Device-info tag 04, bits 6..0 (yubikit, `FORM_FACTOR`).
    struct FormFactor: RawRepresentable, Hashable, Sendable {
        let rawValue: UInt8
        static let usbAKeychain = FormFactor(rawValue: 0x01)
        static let usbANano = FormFactor(rawValue: 0x02)
        static let usbCKeychain = FormFactor(rawValue: 0x03)
        static let usbCNano = FormFactor(rawValue: 0x04)
        static let usbCLightning = FormFactor(rawValue: 0x05)
        static let usbABiometric = FormFactor(rawValue: 0x06)
        static let usbCBiometric = FormFactor(rawValue: 0x07)
    }
}

/// READ CONFIG of the management applet, on YubiKey 4.1 and later (yubikit, `management.py`).
///
///     0  1  length of what follows
///     1  n  repeated tag, length, value
enum YubiKeyManagement {
    static let applicationID = ApplicationID([0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17])

    private enum Instruction {
        static let readConfig: UInt8 = 0x1D
    }

    private enum Tag {
        static let serial: UInt8 = 0x02
        static let formFactor: UInt8 = 0x04
        static let version: UInt8 = 0x05
        static let nfcSupported: UInt8 = 0x0D
    }

    private static let formFactorMask: UInt8 = 0x3F
    private static let fipsFlag: UInt8 = 0x80

    static func readIdentity(over channel: APDUChannel) throws(DeviceError) -> YubiKeyIdentity {
        _ = try channel.select(applicationID, during: .identifying)
        let response = try channel.send(CommandAPDU(ins: Instruction.readConfig), during: .identifying)
        guard response.status == .ok else { throw .status(response.status, during: .identifying) }
        guard let identity = parse(response.data) else { throw .malformedResponse(during: .identifying) }
        return identity
    }

    static func parse(_ bytes: ArraySlice<UInt8>) -> YubiKeyIdentity? {
        var reader = ByteReader(bytes)
        guard let length = try? reader.uint8(), Int(length) == reader.remaining,
            let list = try? TLV.parseList(reader.remainder())
        else { return nil }
        var identity = YubiKeyIdentity()
        for tlv in list {
            var value = ByteReader(tlv.value)
            switch tlv.tag {
            case Tag.serial: identity.serial = (try? value.bigEndian32()).flatMap { $0 == 0 ? nil : $0 }
            case Tag.formFactor:
                guard let byte = try? value.uint8() else { return nil }
                identity.formFactor = .init(rawValue: byte & formFactorMask)
                identity.isFIPS = byte & fipsFlag != 0
            case Tag.version: identity.firmware = Version(bytes: tlv.value)
            case Tag.nfcSupported: identity.supportsNFC = tlv.value.contains { $0 != 0 }
            default: break
            }
        }
        return identity
    }
}

/// The OTP applet, which on a NEO is the one to tell firmware and serial (yubikit, `yubiotp.py`).
///
///     SELECT → 0  3  firmware version   3  1  programming sequence   4  2  touch level, little-endian
enum YubiKeyOTPApplet {
    static let applicationID = ApplicationID([0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01])

    enum Instruction {
        static let slotCommand: UInt8 = 0x01
        static let readStatus: UInt8 = 0x03
    }

    private enum SlotCommand {
        static let deviceSerial: UInt8 = 0x10
    }

    private static let versionLength = 3

    static func readIdentity(over channel: APDUChannel) throws(DeviceError) -> YubiKeyIdentity {
        let status: ArraySlice<UInt8>
        do throws(DeviceError) {
            status = try channel.select(applicationID, during: .identifying)
        } catch .applicationNotAvailable {
            // Switched off. Who the key is stays unknown; what it can do does not depend on that.
            return YubiKeyIdentity()
        }
        guard let firmware = Version(bytes: status.prefix(versionLength)) else {
            throw .malformedResponse(during: .identifying)
        }
        let response = try channel.send(
            CommandAPDU(ins: Instruction.slotCommand, p1: SlotCommand.deviceSerial), during: .identifying)
        var serial: UInt32?
        // A key can be told to keep its serial number to itself; then it answers with a status word.
        if response.status == .ok {
            var reader = ByteReader(response.data)
            serial = try? reader.bigEndian32()
        }
        return YubiKeyIdentity(serial: serial, firmware: firmware)
    }
}
