import ByteBuffers
import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// Recorded feature reports against the device side: libnitrokey's go in as recorded, what comes out has to be the recorded
/// answer byte for byte, except for a virtual key's own serial number and what a status tells beside it.
@Suite struct NitrokeyDeviceVectorTests {
    @Test(arguments: [
        ("pro15", "nitrokeypro2"), ("pro7", "nitrokeypro"), ("st54", "nitrokeystorage"),
        ("st53", "nitrokeystorage53"),
    ])
    func `a key answers a recorded session as recorded`(_ firmware: String, _ model: String) throws {
        let model = try #require(VirtualModel.named(model))
        let key = VirtualKey(model: model, serial: 99_000_001)
        let device = try key.open()
        try device.claimInterface(0)
        // The sessions were cut: what a part needs that has no vector of its own is sent from another firmware's.
        var vectors = NitrokeyVector.exchanges.filter { $0.firmware == firmware }
        #expect(vectors.count >= 8)
        let first = vectors.first?.id == "nkpro-\(firmware)-01"
        if !first { vectors.insert(try NitrokeyVector.named("nkpro-pro15-01"), at: 0) }
        for vector in vectors {
            try prepare(vector, key, device)
            for report in try #require(vector.reports) {
                if report.dir == "set" {
                    try set(device, report.bytes)
                    device.pause(for: .milliseconds(200))
                } else {
                    let got = try get(device)
                    let expected = adapted(report.bytes)
                    #expect(got == expected, "\(vector.id): \(difference(expected: expected, got: got))")
                }
            }
        }
    }

    @Test func `every exchange is of a firmware that is replayed`() {
        #expect(Set(NitrokeyVector.exchanges.map(\.firmware)) == ["pro15", "pro7", "st54", "st53"])
        #expect(NitrokeyVector.exchanges.count == 41)
    }

    @Test func `the checksum is the STM32's`() throws {
        let vector = try #require(NitrokeyVector.all.first { $0.zero60 != nil })
        let samples = [
            ([UInt8](repeating: 0, count: 60), vector.zero60), ((0..<60).map { UInt8($0) }, vector.counting60),
        ]
        for (bytes, expected) in samples {
            #expect(hex(littleEndianBytes(NitrokeyReports.checksum(bytes[...]))) == expected)
        }
    }

    /// The slots that codes are asked of, where the vector that wrote them was not recorded for this firmware.
    private func prepare(_ vector: NitrokeyVector, _ key: VirtualKey, _ device: any USBDevice) throws {
        let tokenID = try #require(bytes(hex: "756275624e4b31323334353637"))
        let secret = Array("12345678901234567890".utf8) + [UInt8](repeating: 0, count: 20)
        let name = { (text: String) in Array(text.utf8) + [UInt8](repeating: 0, count: 15 - text.utf8.count) }
        _ = key.withChip(NitrokeyProChip.self) { chip in
            if chip.memory.slots[0x20] == nil, !vector.description.contains("write TOTP") {
                chip.memory.slots[0x20] = NitrokeyStoredSlot(
                    name: name("issuer:account"), secret: secret, config: 0,
                    tokenID: [UInt8](repeating: 0, count: 13), counter: 30)
            }
            if chip.memory.slots[0x10] == nil, vector.description.contains("get HOTP") {
                chip.memory.slots[0x10] = NitrokeyStoredSlot(
                    name: name("hotp"), secret: secret, config: 0x05, tokenID: tokenID, counter: 5)
            }
        }
        // A clock that went on between the vectors is set back to the time that they have.
        guard vector.description.contains("get TOTP"),
            let time = NitrokeyVector.all.first(where: { $0.id.hasSuffix("pro15-06") })
        else { return }
        if vector.description.contains("user temporary password"), vector.firmware.hasPrefix("st") {
            try set(device, try #require(NitrokeyVector.named("nkpro-st54-04").reports?.first).bytes)
            device.pause(for: .milliseconds(200))
        }
        try set(device, try #require(time.reports?.first).bytes)
        device.pause(for: .milliseconds(200))
    }

    /// The serial number and the tries in the answers to GET_STATUS and GET_DEVICE_STATUS.
    private func adapted(_ report: [UInt8]) -> [UInt8] {
        var report = report
        switch report[1] {
        case 0x00: report.replaceSubrange(9..<13, with: [0x01, 0x00, 0x00, 0x99])
        case 0x2E:
            report.replaceSubrange(47..<49, with: [3, 3])
            report.replaceSubrange(49..<53, with: [0x01, 0x00, 0x00, 0x99])
        default: return report
        }
        return report.prefix(60) + littleEndianBytes(NitrokeyReports.checksum(report.prefix(60)))
    }

    private func set(_ device: any USBDevice, _ report: [UInt8]) throws {
        let setup = ControlSetup(requestType: 0x21, request: 0x09, value: 0x0300, index: 0, length: 64)
        _ = try device.control(setup, data: report.span.bytes, timeout: .seconds(1))
    }

    private func get(_ device: any USBDevice) throws -> [UInt8] {
        let setup = ControlSetup(requestType: 0xA1, request: 0x01, value: 0x0300, index: 0, length: 64)
        return try device.control(setup, data: RawSpan(), timeout: .seconds(1))
    }
}
