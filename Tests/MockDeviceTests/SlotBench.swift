import MockDevices
import TestSupport
import Testing
import USBTransport

/// A host's hands for tests of the keyboard interface: reports, frames and records put together here byte by byte, so
/// that no code of either side under test makes what the other reads.
struct SlotBench {
    let key: VirtualKey
    let device: any USBDevice

    static let rfcSecret = Array("12345678901234567890".utf8)
    static let noCode = [UInt8](repeating: 0, count: 6)
    static let code: [UInt8] = [1, 2, 3, 4, 5, 6]

    init(_ model: String = "yubikey5") throws {
        try self.init(VirtualKey(model: try #require(VirtualModel.named(model)), serial: 1))
    }

    init(_ key: VirtualKey) throws {
        self.key = key
        device = try key.open()
        try device.claimInterface(0)
    }

    func get() throws -> [UInt8] { try device.request(0xA1, 0x01, value: 0x0300, length: 8) }

    func set(_ report: [UInt8]) throws { _ = try device.request(0x21, 0x09, value: 0x0300, data: report) }

    /// Sends a frame as fast as the key takes it.
    func send(_ command: UInt8, _ payload: [UInt8] = []) throws {
        let padded = payload + [UInt8](repeating: 0, count: 64 - payload.count)
        let checksum = Self.checksum(padded)
        let frame = padded + [command, UInt8(checksum & 0xFF), UInt8(checksum >> 8), 0, 0, 0]
        for part in 0..<10 {
            try set(Array(frame[part * 7..<part * 7 + 7]) + [0x80 | UInt8(part)])
            device.pause(for: .milliseconds(1))
        }
        device.pause(for: .seconds(1))
    }

    /// Sends a frame.
    ///
    /// - Returns: the status afterwards, or the parts of the response.
    @discardableResult
    func run(_ command: UInt8, _ payload: [UInt8] = []) throws -> [UInt8] {
        try send(command, payload)
        var report = try get()
        guard report[7] & 0x40 != 0 else { return report }
        var response: [UInt8] = []
        while report[7] != 0x40 || response.isEmpty {
            response += report.prefix(7)
            report = try get()
        }
        try set([0, 0, 0, 0, 0, 0, 0, 0x8F])
        return response
    }

    var sequence: UInt8 { get throws { try get()[4] } }

    /// The record of a slot, with the access code that a write carries behind it.
    static func record(
        key: [UInt8] = rfcSecret, newCode: [UInt8] = noCode, ext: UInt8 = 0x24, tkt: UInt8 = 0x40, cfg: UInt8 = 0x26,
        factor: UInt8 = 0, currentCode: [UInt8] = noCode
    ) -> [UInt8] {
        let start = [UInt8](repeating: 0, count: 16) + key.dropFirst(16) + [0, factor] + key.prefix(16)
        let record = start + newCode + [0, ext, tkt, cfg, 0, 0]
        let checksum = ~checksum(record)
        return record + [UInt8(checksum & 0xFF), UInt8(checksum >> 8)] + currentCode
    }

    static func deletion(currentCode: [UInt8] = noCode) -> [UInt8] {
        [UInt8](repeating: 0, count: 52) + currentCode
    }

    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        bytes.reduce(0xFFFF) { checksum, byte in
            (0..<8).reduce(checksum ^ UInt16(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x8408 : sum >> 1 }
        }
    }
}
