import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// The OTP application beyond the recordings: flags of reports, protection, updates, swaps, quirks, typing.
@Suite struct VirtualSlotTests {
    private static let hmac = SlotBench.record()
    private static let hotp = SlotBench.record(tkt: 0x60, cfg: 0x40)

    // MARK: Reports

    @Test func `a report that comes while the key is busy is lost`() throws {
        let bench = try SlotBench()
        let payload = Self.hmac + [UInt8](repeating: 0, count: 6)
        let checksum = SlotBench.checksum(payload)
        let frame = payload + [0x01, UInt8(checksum & 0xFF), UInt8(checksum >> 8), 0, 0, 0]
        for part in 0..<10 {
            try bench.set(Array(frame[part * 7..<part * 7 + 7]) + [0x80 | UInt8(part)])
            #expect(try bench.get()[7] == 0x80)
        }
        bench.device.pause(for: .seconds(1))
        #expect(try bench.sequence == 0)
    }

    @Test func `the flag stands until the report is taken`() throws {
        let bench = try SlotBench()
        try bench.set([1, 2, 3, 4, 5, 6, 7, 0x83])
        #expect(try bench.get()[7] == 0x83)
        bench.device.pause(for: .milliseconds(1))
        #expect(try bench.get()[7] == 0)
    }

    @Test(arguments: [UInt8(0x8F), 0xFF])
    func `a reset forgets a touch that is waited for and a response`(_ flags: UInt8) throws {
        let bench = try SlotBench()
        try bench.run(0x03, SlotBench.record(cfg: 0x2E))
        bench.key.touch = .never
        try bench.send(0x38, [1])
        #expect(try bench.get()[7] & 0xE0 == 0x20)
        try bench.set([0, 0, 0, 0, 0, 0, 0, flags])
        #expect(try bench.get() == [0, 5, 4, 3, 1, 0x0A, 0, 0])
        try bench.send(0x10)
        #expect(try bench.get()[7] == 0x40)
        try bench.set([0, 0, 0, 0, 0, 0, 0, flags])
        #expect(try bench.get()[7] == 0)
    }

    @Test func `power takes half a frame and nothing that was stored`() throws {
        let bench = try SlotBench()
        try bench.run(0x01, Self.hmac)
        bench.key.touch = .never
        bench.key.unplug()
        bench.key.plug()
        let again = try SlotBench(bench.key)
        #expect(try again.get() == [0, 5, 4, 3, 1, 0x01, 0, 0])
    }

    @Test func `reports of other lengths and numbers change nothing`() throws {
        let bench = try SlotBench()
        for report: [UInt8] in [[], [0x80], [0, 0, 0, 0, 0, 0, 0, 0, 0x80], [0, 0, 0, 0, 0, 0, 0, 0x8A]] {
            _ = try? bench.set(report)
            #expect(try bench.get() == [0, 5, 4, 3, 0, 0, 0, 0])
        }
    }

    // MARK: Writes

    @Test func `a record with a wrong checksum is not counted`() throws {
        let bench = try SlotBench()
        var record = Self.hmac
        record[30] ^= 1
        #expect(try bench.run(0x01, record)[4] == 0)
    }

    @Test func `an access code protects against all that changes a slot`() throws {
        let bench = try SlotBench()
        #expect(try bench.run(0x01, SlotBench.record(newCode: SlotBench.code))[4] == 1)
        let wrong: [UInt8] = [6, 5, 4, 3, 2, 1]
        for current in [SlotBench.noCode, wrong] {
            #expect(try bench.run(0x01, SlotBench.record(currentCode: current))[4] == 1)
            #expect(try bench.run(0x01, SlotBench.deletion(currentCode: current))[4] == 1)
            #expect(try bench.run(0x04, SlotBench.record(currentCode: current))[4] == 1)
            #expect(try bench.run(0x06, SlotBench.deletion(currentCode: current))[4] == 1)
        }
        #expect(try bench.run(0x03, Self.hmac)[4] == 2, "the other slot is open")
        #expect(try bench.run(0x01, SlotBench.record(currentCode: SlotBench.code))[4] == 3)
        #expect(try bench.run(0x01, SlotBench.deletion())[4] == 4, "the new record had no code")
    }

    @Test func `PROTECT_CFG2 in slot 1 closes slot 2`() throws {
        let bench = try SlotBench()
        try bench.run(0x01, SlotBench.record(tkt: 0xC0))
        #expect(try bench.run(0x03, Self.hmac)[4] == 1)
        #expect(try bench.run(0x01, Self.hmac)[4] == 2)
        #expect(try bench.run(0x03, Self.hmac)[4] == 3)
    }

    @Test func `an update changes the flags that it may, and asks to be allowed`() throws {
        let bench = try SlotBench()
        #expect(try bench.run(0x04, Self.hmac)[4] == 0, "an empty slot has nothing to update")
        try bench.run(0x01, SlotBench.record(ext: 0x04))
        #expect(try bench.run(0x04, Self.hmac)[4] == 1)
        try bench.run(0x01, Self.hmac)
        // The challenge flags stay; the one for a button comes.
        #expect(try bench.run(0x04, SlotBench.record(tkt: 0x00, cfg: 0x0C))[4] == 3)
        #expect(try bench.get()[5] == 0x05)
        let response = try bench.run(0x30, [1])
        #expect(response.isEmpty || response[7] & 0x20 != 0)
    }

    @Test(arguments: [("yubikey4", false), ("yubikey5", true)])
    func `an update sets the access code where the firmware does`(_ model: String, _ sets: Bool) throws {
        let bench = try SlotBench(model)
        try bench.run(0x01, Self.hmac)
        #expect(try bench.run(0x04, SlotBench.record(newCode: SlotBench.code))[4] == 2)
        #expect(try bench.run(0x01, SlotBench.deletion())[5] == (sets ? 0x05 : 0x00) & 0x01)
    }

    @Test func `a swap takes contents and codes along and asks to be allowed`() throws {
        let bench = try SlotBench()
        #expect(try bench.run(0x06)[4] == 0, "nothing to swap")
        try bench.run(0x01, SlotBench.record(ext: 0x04))
        #expect(try bench.run(0x06)[4] == 1)
        try bench.run(0x01, SlotBench.record(newCode: SlotBench.code))
        #expect(try bench.run(0x06, SlotBench.deletion(currentCode: SlotBench.code)) == [0, 5, 4, 3, 3, 0x02, 0, 0])
        #expect(try bench.run(0x03, SlotBench.deletion())[4] == 3, "the code came along")
    }

    @Test func `the sequence is 0 for no slot and never otherwise`() throws {
        let bench = try SlotBench()
        for count in 1...255 { #expect(try bench.run(0x01, Self.hmac)[4] == UInt8(count)) }
        #expect(try bench.run(0x01, Self.hmac)[4] == 1)
        #expect(try bench.run(0x01, SlotBench.deletion()) == [0, 5, 4, 3, 0, 0, 0, 0])
    }

    // MARK: Answers

    @Test func `the serial number shows where no slot hides it`() throws {
        let bench = try SlotBench()
        let serial = bigEndianBytes(bench.key.serial)
        #expect(try Array(bench.run(0x10).prefix(4)) == serial)
        try bench.run(0x01, SlotBench.record(ext: 0x20))
        #expect(try bench.run(0x10).count == 8, "a status")
        try bench.run(0x03, SlotBench.record(ext: 0x04))
        #expect(try Array(bench.run(0x10).prefix(4)) == serial)
    }

    @Test func `short challenges lose their padding and long ones do not`() throws {
        let bench = try SlotBench()
        try bench.run(0x01, SlotBench.record(cfg: 0x26))
        try bench.run(0x03, SlotBench.record(cfg: 0x22))
        let padded = [UInt8](repeating: 1, count: 62) + [0, 0]
        let expected = try HMACHash.sha1.authenticate(
            [UInt8](repeating: 1, count: 62), key: SlotBench.rfcSecret)
        #expect(try Array(bench.run(0x30, padded).prefix(20)) == expected)
        let whole = try HMACHash.sha1.authenticate(padded, key: SlotBench.rfcSecret)
        #expect(try Array(bench.run(0x38, padded).prefix(20)) == whole)
    }

    @Test func `a slot that types answers no challenge`() throws {
        let bench = try SlotBench()
        try bench.run(0x01, Self.hotp)
        #expect(try bench.run(0x30, [1]) == [0, 5, 4, 3, 1, 0x05, 0, 0])
        #expect(try bench.run(0x38, [1]).count == 8)
    }

    @Test func `a touch types the codes of RFC 4226, from the factor on`() throws {
        let bench = try SlotBench()
        try bench.run(0x01, Self.hotp)
        #expect((0..<3).map { _ in bench.key.type(slot: 1) } == ["755224", "287082", "359152"])
        let again = try VirtualKey(restoring: bench.key.snapshot)
        #expect(again.type(slot: 1) == "969429")
        try bench.run(0x03, SlotBench.record(tkt: 0x40, cfg: 0x42, factor: 1))
        let digest = try HMACHash.sha1.authenticate([0, 0, 0, 0, 0, 0, 0, 16], key: SlotBench.rfcSecret)
        #expect(bench.key.type(slot: 2) == OATHStoredCredential.code(digest, digits: 8))
        try bench.run(0x01, Self.hmac)
        #expect(bench.key.type(slot: 1) == nil && bench.key.type(slot: 3) == nil)
    }

    // MARK: Quirks

    @Test func `a NEO starts up, and shows an old status until a frame comes`() throws {
        let bench = try SlotBench("yubikeyneo")
        #expect(try bench.get()[7] == 0x9F)
        try bench.set([0, 0, 0, 0, 0, 0, 0, 0x80])
        bench.device.pause(for: .seconds(1))
        try bench.run(0x01, Self.hmac)
        bench.key.unplug()
        bench.key.plug()
        let again = try SlotBench(bench.key)
        _ = try again.get()
        again.device.pause(for: .seconds(1))
        #expect(try again.get() == [0, 3, 4, 9, 0, 0, 0, 0])
        #expect(try again.run(0x12, [UInt8](repeating: 0x63, count: 51)) == [0, 3, 4, 9, 1, 0x01, 0, 0])
    }

    // MARK: Memory

    @Test func `a write that cannot be kept is not counted`() throws {
        struct Full: Error {}
        let bench = try SlotBench()
        bench.key.onMemoryWrite = { _ in throw Full() }
        #expect(try bench.run(0x01, Self.hotp) == [0, 5, 4, 3, 0, 0, 0, 0])
        bench.key.onMemoryWrite = nil
        #expect(try bench.run(0x01, Self.hotp)[4] == 1)
    }

    @Test func `slots are in the snapshot, and nothing that no key would store`() throws {
        let bench = try SlotBench()
        #expect(!String(decoding: bench.key.snapshot, as: UTF8.self).contains("slots"))
        try bench.run(0x01, Self.hotp)
        try bench.run(0x03, Self.hmac)
        let snapshot = bench.key.snapshot
        let again = try VirtualKey(restoring: snapshot)
        #expect(again.snapshot == snapshot)
        #expect(try SlotBench(again).get() == [0, 5, 4, 3, 2, 0x07, 0, 0])
        let text = String(decoding: snapshot, as: UTF8.self)
        let record = hex(Self.hotp.prefix(52))
        for (old, new, error) in [
            ("\"sequence\" : 2", "\"sequence\" : 0", VirtualKeyError.invalid(.sequence)),
            ("\"slot\" : 2", "\"slot\" : 1", .invalid(.slot(1))), ("\"slot\" : 2", "\"slot\" : 3", .invalid(.slot(3))),
            (record, String(record.dropLast(2)), .invalid(.slot(1))),
            (record, "01" + record.dropFirst(2), .invalid(.slot(1))),
            ("\"uses\" : 0", "\"uses\" : -1", .notASnapshot),
        ] {
            #expect(text.contains(old))
            #expect(throws: error) { try VirtualKey(restoring: Array(text.replacing(old, with: new).utf8)) }
        }
        var generator = SeededGenerator(seed: 0x51)
        for _ in 0..<500 {
            guard let key = try? VirtualKey(restoring: mutated(snapshot, using: &generator)) else { continue }
            #expect(try VirtualKey(restoring: key.snapshot).snapshot == key.snapshot)
            _ = (key.type(slot: 1), key.type(slot: 2))
        }
    }
}
