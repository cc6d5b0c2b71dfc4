import ByteBuffers
import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// Recorded exchanges against the device side, over both interfaces: the host's bytes go in as recorded, what comes out
/// has to be the recorded answer byte for byte. Only the serial number is a virtual key's own.
@Suite struct SecretsDeviceVectorTests {
    /// One key from its making on.
    private static let session = [
        "nk3-ctaphid-init", "nk3-select", "nk3-put-totp-sha1", "nk3-put-hotp-5", "nk3-put-totp-sha256", "nk3-list",
        "nk3-list-ext", "nk3-calc-59", "nk3-calc-1111111109", "nk3-calc-hotp", "nk3-set-pin", "nk3-select-pin",
        "nk3-pin-put", "nk3-pin-calc", "nk3-pin-wrong", "nk3-put-reverse-hotp", "nk3-verify-code", "nk3-rename",
        "nk3-delete", "nk3-reset",
    ]

    @Test func `every vector is replayed`() {
        #expect(Set(Self.session) == Set(SecretsVector.all.map(\.id)))
    }

    @Test func `the FIDO interface answers as recorded`() throws {
        let (key, device) = try makeKey(interface: 1)
        _ = key.withChip(Nitrokey3Chip.self) { $0.port.lastChannel = 0x1122_3343 }
        for vector in try Self.session.map(SecretsVector.named) {
            if vector.id == "nk3-put-hotp-5" {
                try exchange(device, Self.putTouch, ["9000"])
            }
            for step in vector.steps { try exchange(device, step.ctaphidOut, step.ctaphidIn, vector.id) }
        }
    }

    @Test func `the smart-card interface answers as recorded`() throws {
        let (_, device) = try makeKey(interface: 0)
        try write(device, "62000000000000000000")
        _ = try device.read(upTo: 3072, from: 0x81, timeout: .seconds(3))
        try message(device, "6f0c00000000ff00000000a4040007a0000005272101")
        for vector in try Self.session.dropFirst().map(SecretsVector.named) {
            if vector.id == "nk3-put-hotp-5" { try message(device, "6f2600000000fe000000" + Self.putTouchAPDU) }
            for (index, exchange) in vector.steps.flatMap({ $0.ccid ?? [] }).enumerated() {
                if exchange.dir == "out" {
                    try write(device, exchange.hex)
                } else {
                    let got = hex(try read(device))
                    let expected = exchange.hex.replacing("a1b2c3d4", with: "99000001")
                    #expect(got == expected, "\(vector.id), message \(index)")
                }
            }
        }
    }

    // MARK: Parts

    /// The lists of the vectors have a credential whose PUT was not recorded.
    private static let putTouchAPDU =
        "00010000" + "21" + "710c6973737565723a746f756368"
        + "730f2106" + "31323334353637383930313233" + "7802"
    private static var putTouch: [String] {
        let count = String(putTouchAPDU.count / 2, radix: 16)
        return ["11223344f000" + count + putTouchAPDU]
    }

    private struct FixedNumber: RandomNumberGenerator {
        mutating func next() -> UInt64 { 0x0102_0304_0506_0708 }
    }

    private func makeKey(interface: UInt8) throws -> (VirtualKey, any USBDevice) {
        let model = try #require(VirtualModel.named("nitrokey3"))
        let key = VirtualKey(model: model, serial: 99_000_001, random: FixedNumber())
        key.touch = .after(.zero)
        let device = try key.open()
        try device.claimInterface(interface)
        return (key, device)
    }

    private func exchange(
        _ device: any USBDevice, _ sent: [String], _ expected: [String], _ id: String = ""
    ) throws {
        for packet in sent {
            try device.write(padded(packet).span.bytes, to: 0x02, timeout: .seconds(1))
        }
        for packet in expected {
            let got = try device.read(upTo: 64, from: 0x82, timeout: .seconds(1))
            guard !id.isEmpty else { continue }
            let expected = packet.replacing("a1b2c3d4", with: "99000001")
            #expect(hex(got) == expected, "\(id)")
        }
    }

    private func message(_ device: any USBDevice, _ digits: String) throws {
        try write(device, digits)
        let answer = try read(device)
        #expect(answer.suffix(2) == [0x90, 0x00])
    }

    private func write(_ device: any USBDevice, _ digits: String) throws {
        let message = try #require(bytes(hex: digits))
        try device.write(message.span.bytes, to: 0x01, timeout: .seconds(1))
    }

    /// One message, without the requests for more time before it.
    private func read(_ device: any USBDevice) throws -> [UInt8] {
        while true {
            let message = try device.read(upTo: 3072, from: 0x81, timeout: .seconds(3))
            guard message.isEmpty || message[7] & 0xC0 == 0x80 else { return message }
        }
    }

    private func padded(_ digits: String) -> [UInt8] {
        let bytes = bytes(hex: digits) ?? []
        return bytes + [UInt8](repeating: 0, count: max(0, 64 - bytes.count))
    }
}
