import ByteBuffers
import Glibc
import KeyProvision
import SecretFormats
import USBTransport

/// Enrolls a YubiKey's card in a reader that is not a YubiKey: QEMU's, which is written by other people.
///
/// That reader says that it exchanges TPDUs of T=0, and takes whole APDUs all the same. What it says, our connection
/// refuses, and that is tested first; then its class descriptor is given to the connection with what is true. The
/// device's descriptors, as sysfs has them, are read from standard input.
struct ReaderProbe {
    let id: String

    func run() throws {
        let host = try LibUSBHost()
        guard let reader = try host.devices().first(where: { $0.device.id.description == id }) else {
            throw ProbeFailure("no reader \(id)")
        }
        try refuse(reader, host)
        let honest = USBDeviceDescription(
            location: reader.location, address: reader.address, device: reader.device,
            configuration: try ConfigurationDescriptor(parsing: try corrected()))
        let session = try YubiKeyOATH().openSession(on: try host.open(honest), honest, options: SessionOptions())
        defer { session.close() }
        try enroll(session)
    }

    private func refuse(_ reader: USBDeviceDescription, _ host: LibUSBHost) throws {
        do throws(ConnectionError) {
            _ = try CCIDConnection(device: try open(reader, host), configuration: reader.configuration)
        } catch .unsupportedExchangeLevel(.tpdu) {
            return BusProbe.say("refused: TPDU level")
        }
        throw ProbeFailure("a reader of TPDU level was not refused")
    }

    private func open(_ reader: USBDeviceDescription, _ host: LibUSBHost) throws(ConnectionError) -> any USBDevice {
        do throws(USBError) { return try host.open(reader) } catch { throw .usb(error) }
    }

    /// What the session is asked for is what `oathtool` is asked for afterwards: two lines, secret and code.
    private func enroll(_ session: any ProvisioningSession) throws {
        let secret = try Secret.random(count: Self.secretLength, from: SystemRandom())
        let credential = try Credential(
            label: Label(issuer: "Example", account: "alice@example.com"),
            kind: .totp(period: Credential.defaultPeriod), algorithm: .sha1, digits: Credential.defaultDigits,
            secret: secret)
        var enrollment = Enrollment(credential)
        let verification = try enrollment.run(on: session)
        guard verification == .full, let stored = try session.list().first,
            case .code(let code) = try session.code(for: stored, at: Self.time).value
        else { throw ProbeFailure("not verified") }
        BusProbe.say("serial \(session.device.serial ?? "none")")
        let text = Base32.encode(secret).withBytes { String(decoding: [UInt8](copying: $0), as: UTF8.self) }
        BusProbe.say("secret \(text)")
        BusProbe.say("code \(code)")
        try session.delete(stored)
        guard try session.list().isEmpty else { throw ProbeFailure("not deleted") }
    }

    private static let secretLength = 20
    private static let time: UInt64 = 59

    // MARK: Descriptors

    /// The configuration's set with the level of exchange that the reader really has.
    private func corrected() throws -> [UInt8] {
        var set = Array(contents().dropFirst(Self.deviceDescriptorLength))
        var offset = 0
        while offset + 1 < set.count, set[offset] > 0 {
            if set[offset] == Self.ccidLength, set[offset + 1] == Self.functional {
                set[offset + Self.levelOffset] = Self.extendedAPDU
                return set
            }
            offset += Int(set[offset])
        }
        throw ProbeFailure("no CCID descriptor")
    }

    private func contents() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.longestSet)
        let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
        return Array(bytes.prefix(max(count, 0)))
    }

    private static let deviceDescriptorLength = 18
    private static let longestSet = 4096
    /// `bLength` and `bDescriptorType` of a CCID class descriptor, and where bits 23..16 of `dwFeatures` stand in it.
    private static let ccidLength: UInt8 = 54
    private static let functional: UInt8 = 0x21
    private static let levelOffset = 42
    private static let extendedAPDU: UInt8 = 0x04
}
