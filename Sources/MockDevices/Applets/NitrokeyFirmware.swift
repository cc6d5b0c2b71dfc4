import ByteBuffers

/// The firmware of a Nitrokey Pro, a Nitrokey Storage or a Librem Key, as far as one-time passwords go: the payload of a
/// request in, status and output out. Written from nitrokey-pro-firmware (`src/keyboard/report_protocol.c`,
/// `src/hotp/hotp.c`) and nitrokey-storage-firmware (`src/OTP`); see `NitrokeyReports` for what is around it.
///
/// It holds what power ends; what stays is in `NitrokeyMemory`.
struct NitrokeyFirmware: Hashable, Sendable {
    let profile: NitrokeyProProfile
    let serial: UInt32
    var adminPassword: [UInt8]?
    var userPassword: [UInt8]?
    /// CRC of the one request that may pass, in the old protocol.
    var authorized: UInt32?
    var userAuthorized: UInt32?
    var name = [UInt8](repeating: 0, count: NitrokeyStoredSlot.nameLength)
    var secret = [UInt8](repeating: 0, count: NitrokeyStoredSlot.secretLength)
    /// Of a Storage: the PIN that was right, until the new one comes.
    var sentPassword: (kind: UInt8, pin: [UInt8])?
    /// Seconds since 1970, and when they were set.
    private var clock: (time: UInt64, setAt: Duration) = (0, .zero)

    static let passwordLength = 25

    init(profile: NitrokeyProProfile, serial: UInt32) { (self.profile, self.serial) = (profile, serial) }

    static func == (left: NitrokeyFirmware, right: NitrokeyFirmware) -> Bool {
        left.profile == right.profile && left.serial == right.serial && left.adminPassword == right.adminPassword
            && left.clock == right.clock
    }

    func hash(into hasher: inout Hasher) { hasher.combine(serial) }

    /// - Parameter crc: of the request.
    mutating func process(
        _ command: UInt8, _ payload: [UInt8], crc: UInt32, at now: Duration, _ memory: inout NitrokeyMemory
    ) throws(NitrokeyRefusal) -> [UInt8] {
        var reader = ByteReader(payload)
        switch command {
        case Command.getStatus: return status(memory)
        case Command.getDeviceStatus where profile.isStorage: return deviceStatus(memory)
        case Command.readSlotName: return try stored(&reader, memory).name
        case Command.readSlot: return try slotContent(&reader, memory)
        case Command.getCode: return try code(&reader, crc, at: now, &memory)
        case Command.writeToSlot: try write(&reader, crc, &memory)
        case Command.eraseSlot: try erase(&reader, crc, &memory)
        case Command.firstAuthenticate: try authenticateAdmin(&reader, &memory)
        case Command.userAuthenticate: try authenticateUser(&reader, &memory)
        case Command.authorize: try authorize(&reader, isUser: false)
        case Command.userAuthorize: try authorize(&reader, isUser: true)
        case Command.passwordRetryCount: return [memory.adminTries]
        case Command.userPasswordRetryCount: return [memory.userTries]
        case Command.setTime:
            let mode = try NitrokeyRefusal.reading { () throws(ByteReader.EndOfBytes) in try reader.uint8() }
            let time = try reader.littleEndian64()
            if mode == 0, time < clockTime(at: now) { throw .timestampWarning }
            clock = (time, now)
        case Command.changeUserPIN where !profile.isStorage: try changeUserPIN(&reader, &memory)
        case Command.changeAdminPIN where !profile.isStorage: try changeAdminPIN(&reader, &memory)
        case Command.sendPassword where profile.isStorage: return try takePassword(&reader, &memory)
        case Command.sendNewPassword where profile.isStorage: return try takeNewPassword(&reader, &memory)
        case Command.sendOTPData where profile.echoes: return try take(&reader)
        default: throw .unknownCommand
        }
        return []
    }

    /// Seconds since 1970 by the clock of the key.
    func clockTime(at now: Duration) -> UInt64 {
        clock.time &+ UInt64(clamping: (now - clock.setAt).components.seconds)
    }

    private func status(_ memory: NitrokeyMemory) -> [UInt8] {
        let identity =
            profile.isStorage
            ? [1, 0, 0, 0, 0, 0]
            : [profile.firmware.minor, profile.firmware.major] + packedDecimal(serial).reversed()
        return identity + Self.keysThatType + [memory.protectsCodes ? 1 : 0, 0]
    }

    /// The configuration of a Storage: 25 bytes that begin with `18 33`, behind the status of its own command.
    private func deviceStatus(_ memory: NitrokeyMemory) -> [UInt8] {
        let firmware = profile.firmware
        let head = Self.storageStatus(of: Command.getDeviceStatus, 1) + [0, 0, 1, 3, 0, 25]
        let configuration: [UInt8] = [0x18, 0x33, 0, 0, firmware.major, firmware.minor, 0, 0, 0, 0, 0, 0]
        return head + configuration
            + [0, 0, 0, 0, 0, 0, memory.userTries, memory.adminTries] + packedDecimal(serial).reversed()
    }

    /// What the output of a Storage's own commands begins with.
    static func storageStatus(of command: UInt8, _ status: UInt8) -> [UInt8] {
        [UInt8](repeating: 0, count: storageStatus) + [1, command, status]
    }

    /// None of Num, Caps and Scroll Lock.
    private static let keysThatType: [UInt8] = [0xFF, 0xFF, 0xFF]
    /// Where the status of a Storage's own commands is in the output.
    private static let storageStatus = 13

    private enum Command {
        static let getStatus: UInt8 = 0x00
        static let writeToSlot: UInt8 = 0x01
        static let readSlotName: UInt8 = 0x02
        static let readSlot: UInt8 = 0x03
        static let getCode: UInt8 = 0x04
        static let eraseSlot: UInt8 = 0x06
        static let firstAuthenticate: UInt8 = 0x07
        static let authorize: UInt8 = 0x08
        static let passwordRetryCount: UInt8 = 0x09
        static let setTime: UInt8 = 0x0B
        static let userAuthenticate: UInt8 = 0x0E
        static let userPasswordRetryCount: UInt8 = 0x0F
        static let userAuthorize: UInt8 = 0x10
        static let changeUserPIN: UInt8 = 0x14
        static let changeAdminPIN: UInt8 = 0x15
        static let sendOTPData: UInt8 = 0x17
        static let getDeviceStatus: UInt8 = 0x2E
        static let sendPassword: UInt8 = 0x32
        static let sendNewPassword: UInt8 = 0x33
    }
}

/// Command status of a refused request.
enum NitrokeyRefusal: UInt8, Error {
    case wrongCRC = 1
    case wrongSlot = 2
    case notProgrammed = 3
    case wrongPassword = 4
    case notAuthorized = 5
    case timestampWarning = 6
    case noName = 7
    case unknownCommand = 9
    /// The memory could not be written.
    case unknownError = 100

    /// A request always has its 59 bytes of payload, so nothing is ever cut off.
    static func reading<Value>(
        _ body: () throws(ByteReader.EndOfBytes) -> Value
    ) throws(NitrokeyRefusal) -> Value {
        do throws(ByteReader.EndOfBytes) { return try body() } catch { throw .wrongSlot }
    }
}

extension ByteReader {
    mutating func taken(_ count: Int) throws(NitrokeyRefusal) -> [UInt8] {
        do throws(EndOfBytes) { return Array(try bytes(count)) } catch { throw .wrongSlot }
    }

    mutating func littleEndian64() throws(NitrokeyRefusal) -> UInt64 {
        try taken(UInt64.bitWidth / UInt8.bitWidth).reversed().reduce(0) { $0 << UInt64(UInt8.bitWidth) | UInt64($1) }
    }
}
