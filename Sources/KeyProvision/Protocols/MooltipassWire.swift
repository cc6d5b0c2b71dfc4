import USBTransport

/// Numbers of the Mooltipass BLE's protocol, under the names of its firmware (mooltipass/minible, `comms_hid_defines.h`,
/// `comms_raw_hid.c`, `platform_defines.h`, `nodemgmt.h`; `protocol.md`).
enum MooltipassWire {
    /// `USB_VENDOR_ID`
    static let vendor: UInt16 = 0x1209
    /// `USB_PRODUCT_ID`
    static let product: UInt16 = 0x4321
    /// `USB_RAWHID_USAGE_PAGE`, `USB_RAWHID_USAGE`
    static let usage = HIDUsage(page: 0xFF31, id: 0x0074)

    enum Packet {
        static let length = 64
        /// Bytes of a message in one packet.
        static let payload = 62
        /// `flip_bit`: the other one with each message of the host.
        static let flipBit: UInt8 = 0x80
        static let lengthMask: UInt8 = 0x3F
        static let lastMask: UInt8 = 0x0F
        static let numberShift: UInt8 = 4
        /// The first two bytes of a packet that sets the flip bit back; the key sends such a packet where the bit was not
        /// the one that it waited for.
        static let reset: UInt8 = 0xFF
    }

    /// Of a message. Open: programs for other jobs have many more.
    struct Command: RawRepresentable, Hashable, Sendable {
        let rawValue: UInt16

        /// `HID_CMD_ID_RETRY`: the key is busy, most often with a question on its display.
        static let retry = Command(rawValue: 0x0002)
        /// `HID_CMD_ID_PLAT_INFO`
        static let platformInfo = Command(rawValue: 0x0003)
        /// `HID_CMD_ID_SET_DATE`
        static let setDate = Command(rawValue: 0x0004)
        /// `HID_CMD_ID_CANCEL_REQ`: takes a question off the display. It has no answer of its own.
        static let cancelRequest = Command(rawValue: 0x0005)
        /// `HID_CMD_START_MMM`
        static let startManagement = Command(rawValue: 0x0009)
        /// `HID_CMD_GET_DEVICE_STATUS`. The key also sends it by itself.
        static let deviceStatus = Command(rawValue: 0x0011)
        /// `HID_CMD_ID_STORE_TOTP_CRED`
        static let storeTOTP = Command(rawValue: 0x0027)
        /// `GET_TOTP_CODE` of the maker's client (mooltipass/moolticute, pull request 1028).
        static let getTOTPCode = Command(rawValue: 0x0041)
        /// `HID_CMD_GET_START_PARENTS`
        static let getStartParents = Command(rawValue: 0x0100)
        /// `HID_CMD_END_MMM`
        static let endManagement = Command(rawValue: 0x0101)
        /// `HID_CMD_READ_NODE`
        static let readNode = Command(rawValue: 0x0102)
        /// `HID_CMD_GET_FREE_NODES`
        static let getFreeNodes = Command(rawValue: 0x0108)
        /// `HID_CMD_WRITE_NODE`
        static let writeNode = Command(rawValue: 0x010D)
    }

    enum Answer {
        /// `HID_1BYTE_NACK`
        static let no: UInt8 = 0
        /// `HID_1BYTE_ACK`
        static let yes: UInt8 = 1
    }

    /// Bits of the device status.
    enum Status {
        static let cardPresent: UInt8 = 0x01
        static let cardUnlocked: UInt8 = 0x04
        static let cardUnknown: UInt8 = 0x08
        static let managementMode: UInt8 = 0x10
        /// No bundle, or one is being loaded.
        static let noBundle: UInt8 = 0x20
    }

    /// Letters of 16 bits (`SERVICE_NAME_MAX_LEN`, `LOGIN_NAME_MAX_LEN`), with the zero at the end.
    enum Room {
        static let service = 126
        static let login = 64
    }

    /// `TOTP_SECRET_MAX_LEN`
    static let longestSecret = 64
    /// The comment of `TOTPcredentials_t` has a host send no other; the firmware's own check takes 30 to 99.
    static let period = 30
    /// `TOTP_SHA_ver`; the firmware's check takes 1 and 2 as well, and computes with SHA-1 whatever it says.
    static let sha1: UInt8 = 0

    /// What the clock of the key can show: two digits of a year that begin with 2000, of which it keeps six bits.
    static let years = 2000...2063

    /// The first bundle, as the maker calls a release of the firmware, that tells codes over USB.
    static let firstWithCodes = Version(8, 0, 0)
}
