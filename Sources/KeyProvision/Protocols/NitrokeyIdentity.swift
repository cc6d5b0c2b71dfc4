import ByteBuffers

/// Who a Nitrokey Pro, a Nitrokey Storage or a Librem Key is.
///
///     GET_STATUS          7 1 minor   8 1 major   9 4 serial of its card, little-endian   13 3 keys that type
///                        16 1 codes take the user PIN   17 1
///     GET_DEVICE_STATUS  29 2 18 33   33 1 major   34 1 minor   49 4 serial of its card     (Nitrokey Storage)
///
/// Serial numbers are read as their eight hexadecimal digits, as Nitrokey's programs show them. Layout of the second:
/// libnitrokey, `stick20_commands.h`.
struct NitrokeyIdentity: Hashable, Sendable {
    let serial: String?
    let firmware: Version
    let protectsCodes: Bool
    /// Old firmware of the Storage takes counters as decimal digits.
    let countsInDecimal: Bool

    init(over channel: NitrokeyChannel, _ product: NitrokeyProduct) throws(DeviceError) {
        let status = Array(try channel.run(.getStatus, during: .identifying))
        protectsCodes = status[Self.protection...].first == 1
        countsInDecimal = product.hasDeviceStatus
        guard product.hasDeviceStatus else {
            serial = Self.hex(status[Self.serial].reversed())
            firmware = Version(status[Self.major], status[Self.minor], 0)
            return
        }
        let device = Array(try channel.run(.getDeviceStatus, during: .identifying))
        guard Array(device[DeviceStatus.magic]) == DeviceStatus.magicNumber else {
            throw .malformedResponse(during: .identifying)
        }
        serial = Self.hex(device[DeviceStatus.serial].reversed())
        firmware = Version(device[DeviceStatus.major], device[DeviceStatus.minor], 0)
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // Positions in the output, which always has 53 bytes.
    private static let minor = 0
    private static let major = 1
    private static let serial = 2..<6
    private static let protection = 9

    private enum DeviceStatus {
        static let magic = 22..<24
        static let magicNumber: [UInt8] = [0x18, 0x33]
        static let major = 26
        static let minor = 27
        static let serial = 42..<46
    }
}
