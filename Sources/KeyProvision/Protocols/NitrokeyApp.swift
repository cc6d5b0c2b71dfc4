import ByteBuffers
import SecretFormats
import USBTransport

/// The commands for one-time passwords of Nitrokey Pro, Nitrokey Storage and Librem Key (nitrokey-pro-firmware,
/// `src/keyboard/report_protocol.c`; nitrokey-storage-firmware, `src/OTP`). Offsets in the drawings count from the start
/// of the report; the payload starts at 1, the output at 7.
///
/// The host shows a PIN once and gives a temporary password with it, which opens what follows.
final class NitrokeyApp {
    /// What is in a slot.
    ///
    ///     7 15 name   22 1 configuration   23 13 token id   36 8 counter or interval
    struct Slot: Hashable {
        let name: [UInt8]
        let config: NitrokeySlotConfig
        /// Seconds for TOTP.
        let counter: UInt64
    }

    let identity: NitrokeyIdentity
    /// Whether codes take the user PIN.
    var protectsCodes: Bool { identity.protectsCodes }
    /// Firmware that echoes what it is sent.
    let echoes: Bool
    /// A Nitrokey Storage, which has other commands for its PINs.
    let isStorage: Bool

    let channel: NitrokeyChannel
    private let random: any RandomSource
    private var adminPassword: Secret?
    private var userPassword: Secret?

    static let longestSecret = 40
    /// Of firmware that does not echo.
    static let longestOldSecret = 20
    /// Of a time step; old firmware keeps it in 16 bits.
    static let longestPeriod = Int(UInt16.max)
    static let longestPIN = 25
    static let longestName = 15
    private static let passwordLength = 25
    private static let tokenIDLength = 13
    private static let counterLength = 8
    private static let dataChunk = 30

    init(
        _ channel: NitrokeyChannel, _ product: NitrokeyProduct, random: any RandomSource
    ) throws(DeviceError) {
        (self.channel, self.random) = (channel, random)
        identity = try NitrokeyIdentity(over: channel, product)
        echoes = identity.firmware.minor >= product.echoSince
        isStorage = product.hasDeviceStatus
    }

    // MARK: PINs

    func triesLeft(of pin: PIN) throws(DeviceError) -> Int {
        let command: NitrokeyCommand = pin == .admin ? .getPasswordRetryCount : .getUserPasswordRetryCount
        guard let count = try channel.run(command, during: .unlocking).first else {
            throw .malformedResponse(during: .unlocking)
        }
        return Int(count)
    }

    /// `1 25 PIN   26 25 temporary password`
    ///
    /// - Throws: `.wrongPIN` without the tries that are left.
    func authenticate(_ secret: Secret, as pin: PIN) throws(DeviceError) {
        try check(secret, as: pin, longest: Self.longestPIN)
        let password: Secret
        do throws(CryptoError) {
            password = try .random(count: Self.passwordLength, from: random)
        } catch {
            throw .hostCryptography
        }
        let payload = WipedBuffer()
        payload.append(secret, paddedTo: Self.longestPIN)
        payload.append(password, paddedTo: Self.passwordLength)
        let command: NitrokeyCommand = pin == .admin ? .firstAuthenticate : .userAuthenticate
        let response = try channel.exchange(command, payload, during: .unlocking)
        switch response.status {
        case .ok where pin == .admin: adminPassword = password
        case .ok: userPassword = password
        case .wrongPassword: throw .wrongPIN(pin, triesLeft: nil)
        default: throw .status(StatusWord(rawValue: UInt16(response.status.rawValue)), during: .unlocking)
        }
    }

    /// Refuses what does not fit into its command.
    func check(_ secret: Secret, as pin: PIN, longest: Int) throws(DeviceError) {
        guard 1...longest ~= secret.count else { throw .malformedPIN(.length(pin, 1...longest)) }
    }

    func isOpen(to pin: PIN) -> Bool { (pin == .admin ? adminPassword : userPassword) != nil }

    // MARK: Slots

    /// `1 1 slot   2 1 form of the counter: binary`
    ///
    /// - Returns: nil for an empty slot.
    func read(_ slot: NitrokeySlot, during step: DeviceStep) throws(DeviceError) -> Slot? {
        let response = try channel.exchange(.readSlot, WipedBuffer([slot.code, Self.binaryForm]), during: step)
        guard response.status != .slotNotProgrammed else { return nil }
        guard response.status == .ok else {
            throw .status(StatusWord(rawValue: UInt16(response.status.rawValue)), during: step)
        }
        var reader = ByteReader(response.output)
        guard let name = try? reader.bytes(Self.longestName), let config = try? reader.uint8(),
            (try? reader.bytes(Self.tokenIDLength)) != nil, let counter = try? reader.bytes(Self.counterLength)
        else { throw .malformedResponse(during: step) }
        return Slot(
            name: Array(name.prefix { $0 != 0 }), config: NitrokeySlotConfig(rawValue: config),
            counter: counter.reversed().reduce(0) { $0 << UInt64(UInt8.bitWidth) | UInt64($1) })
    }

    /// Writes a slot. Firmware that echoes is heard before it keeps anything.
    ///
    /// - Parameter secret: at most 40 bytes, or 20 for old firmware; not all zeros, which stand for "as before".
    /// - Throws: `.verificationFailed` where the echo is another one: the slot is as it was.
    func write(_ content: Slot, secret: Secret, to slot: NitrokeySlot) throws(DeviceError) {
        guard echoes else { return try writeAtOnce(content, secret, slot) }
        let password = try password(of: .admin)
        let name = WipedBuffer(content.name)
        try sendData(Self.nameType, 0, name, echo: name, Self.longestName, password)
        let sent = WipedBuffer(capacity: secret.count)
        for start in stride(from: 0, to: max(secret.count, 1), by: Self.dataChunk) {
            let chunk = WipedBuffer(capacity: Self.dataChunk)
            secret.withBytes { bytes in
                chunk.append(
                    contentsOf: bytes.extracting(start..<min(start + Self.dataChunk, bytes.byteCount)))
            }
            sent.append(contentsOf: chunk)
            let number = UInt8(truncatingIfNeeded: start / Self.dataChunk)
            try sendData(Self.secretType, number, chunk, echo: sent, Self.longestSecret, password)
        }
        let payload = WipedBuffer()
        payload.append(password, paddedTo: Self.passwordLength)
        payload.append(slot.code)
        payload.append(littleEndian: content.counter)
        payload.append(content.config.rawValue)
        payload.append(repeating: 0, count: Self.tokenIDLength)
        _ = try channel.run(.writeToSlot, payload, during: .writing)
    }

    func erase(_ slot: NitrokeySlot, during step: DeviceStep) throws(DeviceError) {
        let payload = WipedBuffer([slot.code])
        if echoes {
            payload.append(try password(of: .admin), paddedTo: Self.passwordLength)
        } else {
            try authorize(.eraseSlot, payload, .admin, during: step)
        }
        _ = try channel.run(.eraseSlot, payload, during: step)
    }

    // MARK: Codes

    /// `1 1 set   2 8 seconds since 1970`
    func setTime(_ unixTime: UInt64, during step: DeviceStep) throws(DeviceError) {
        let payload = WipedBuffer([Self.setTime])
        payload.append(littleEndian: unixTime)
        _ = try channel.run(.setTime, payload, during: step)
    }

    /// The code of a slot at the key's time, or at its counter, which then steps.
    ///
    ///     request    1 1 slot   2 8 time   10 8 last time   18 1 interval   19 25 user password
    ///     response   7 4 code   11 1 configuration   12 13 token id
    ///
    /// - Parameters:
    ///   - time: seconds since 1970; only old firmware looks at it, and new firmware is sent zeros.
    func code(
        of slot: NitrokeySlot, at time: UInt64, interval: UInt8, during step: DeviceStep
    ) throws(DeviceError) -> (value: UInt32, config: NitrokeySlotConfig) {
        let payload = WipedBuffer([slot.code])
        payload.append(littleEndian: echoes ? 0 : time)
        payload.append(littleEndian: UInt64(0))
        payload.append(echoes ? 0 : interval)
        if protectsCodes {
            if echoes {
                payload.append(try password(of: .user), paddedTo: Self.passwordLength)
            } else {
                try authorize(.getCode, payload, .user, during: step)
            }
        }
        var reader = ByteReader(try channel.run(.getCode, payload, during: step))
        guard let value = try? reader.littleEndian32(), let config = try? reader.uint8() else {
            throw .malformedResponse(during: step)
        }
        return (value, NitrokeySlotConfig(rawValue: config))
    }

    func close() { channel.close() }

    // MARK: Parts

    private func password(of pin: PIN) throws(DeviceError) -> Secret {
        guard let password = pin == .admin ? adminPassword : userPassword else { throw .pinRequired(pin) }
        return password
    }

    /// `1 25 admin password   26 1 type   27 1 number   28 30 data`, answered by all data of that type so far.
    private func sendData(
        _ type: UInt8, _ number: UInt8, _ data: WipedBuffer, echo: WipedBuffer, _ echoLength: Int, _ password: Secret
    ) throws(DeviceError) {
        let payload = WipedBuffer()
        payload.append(password, paddedTo: Self.passwordLength)
        payload.append(type)
        payload.append(number)
        payload.append(contentsOf: data)
        let answer = try channel.run(.sendOTPData, payload, during: .writing)
        let expected = WipedBuffer(capacity: echoLength)
        expected.append(contentsOf: echo)
        expected.append(repeating: 0, count: max(0, echoLength - echo.count))
        let echoed = Secret(WipedBuffer(answer.prefix(echoLength)))
        guard echoed == Secret(expected) else { throw .verificationFailed }
    }

    /// `1 1 slot   2 15 name   17 20 secret   37 1 configuration   38 13 token id   51 8 counter or interval`
    private func writeAtOnce(_ content: Slot, _ secret: Secret, _ slot: NitrokeySlot) throws(DeviceError) {
        let payload = WipedBuffer([slot.code])
        payload.append(Secret(WipedBuffer(content.name)), paddedTo: Self.longestName)
        payload.append(secret, paddedTo: Self.longestOldSecret)
        payload.append(content.config.rawValue)
        payload.append(repeating: 0, count: Self.tokenIDLength)
        if identity.countsInDecimal, slot.kind == .hotp {
            payload.append(contentsOf: String(content.counter).utf8)
        } else {
            payload.append(littleEndian: content.counter)
        }
        try authorize(.writeToSlot, payload, .admin, during: .writing)
        _ = try channel.run(.writeToSlot, payload, during: .writing)
    }

    /// Opens one command, known by its CRC: `1 4 CRC   5 25 temporary password`
    private func authorize(
        _ command: NitrokeyCommand, _ payload: WipedBuffer, _ pin: PIN, during step: DeviceStep
    ) throws(DeviceError) {
        guard let (_, crc) = NitrokeyReport.request(command, payload) else {
            throw .connection(.commandTooLong(payload.count), during: step)
        }
        let opening = WipedBuffer()
        opening.append(littleEndian: crc)
        opening.append(try password(of: pin), paddedTo: Self.passwordLength)
        _ = try channel.run(pin == .admin ? .authorize : .userAuthorize, opening, during: step)
    }

    private static let nameType = UInt8(ascii: "N")
    private static let secretType = UInt8(ascii: "S")
    private static let binaryForm: UInt8 = 1
    private static let setTime: UInt8 = 1
}

extension WipedBuffer {
    func append(_ secret: Secret, paddedTo length: Int) {
        secret.withBytes { append(contentsOf: $0) }
        append(repeating: 0, count: max(0, length - secret.count))
    }

    fileprivate func append(littleEndian value: UInt64) {
        append(littleEndian: UInt32(truncatingIfNeeded: value))
        append(littleEndian: UInt32(truncatingIfNeeded: value >> UInt64(UInt32.bitWidth)))
    }
}
