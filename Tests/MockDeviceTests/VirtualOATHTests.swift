import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// The OATH applet over the wire: what the recorded exchanges do not reach.
@Suite struct VirtualOATHTests {
    private static func status(_ answer: [UInt8]) -> String { hex(answer.suffix(2)) }

    private static func rename(_ old: String, _ new: String) -> [UInt8] {
        VirtualBench.apdu(
            0x05, VirtualBench.tlv(0x71, Array(old.utf8)) + VirtualBench.tlv(0x71, Array(new.utf8)))
    }

    /// A key of a firmware that is in no catalog.
    private static func key(_ profile: YubiKeyProfile) throws -> VirtualBench {
        try VirtualBench(VirtualKey(model: try #require(VirtualModel(profile)), serial: 1, random: ScriptedRandom()))
    }

    // MARK: Capacity and firmware

    @Test(arguments: [("yubikey5", 32), ("yubikey4", 32), ("yubikey57", 64)])
    func `a full key refuses a new name and takes an old one`(model: String, capacity: Int) throws {
        let bench = try VirtualBench(model)
        for number in 0..<capacity {
            #expect(try bench.transmit(VirtualBench.put("name \(number)")) == VirtualBench.ok)
        }
        #expect(Self.status(try bench.transmit(VirtualBench.put("one more"))) == "6a84")
        #expect(try bench.transmit(VirtualBench.put("name 3", digits: 8)) == VirtualBench.ok)
        #expect(try bench.transmit(VirtualBench.delete("name 3")) == VirtualBench.ok)
        #expect(try bench.transmit(VirtualBench.put("one more")) == VirtualBench.ok)
    }

    @Test func `firmware gates: touch 4-2-4, SHA-512 4-3-1, RENAME 5-3-0`() throws {
        let gates: [(VirtualModel.Firmware, touch: String, sha512: String, rename: String)] = [
            (VirtualModel.Firmware(4, 2, 3), "76", "6a80", "6d00"),
            (VirtualModel.Firmware(4, 2, 4), "7c", "6a80", "6d00"),
            (VirtualModel.Firmware(4, 3, 0), "7c", "6a80", "6d00"),
            (VirtualModel.Firmware(4, 3, 1), "7c", "9000", "6d00"),
            (VirtualModel.Firmware(5, 2, 9), "7c", "9000", "6d00"),
            (VirtualModel.Firmware(5, 3, 0), "7c", "9000", "9000"),
        ]
        for (firmware, touch, sha512, rename) in gates {
            let bench = try Self.key(YubiKeyProfile.four(name: "test", firmware: firmware))
            #expect(try bench.transmit(VirtualBench.put("t", extra: [0x78, 0x02])) == VirtualBench.ok)
            let all = try bench.transmit(VirtualBench.apdu(0xA4, p2: 1, VirtualBench.tlv(0x74, [1])))
            #expect(hex(all[3...3]) == touch, "\(firmware)")
            #expect(Self.status(try bench.transmit(VirtualBench.put("s", type: 0x23))) == sha512, "\(firmware)")
            #expect(Self.status(try bench.transmit(Self.rename("t", "u"))) == rename, "\(firmware)")
        }
    }

    @Test func `a NEO has its own limits`() throws {
        let bench = try VirtualBench("yubikeyneo")
        #expect(Self.status(try bench.transmit(VirtualBench.put(String(repeating: "n", count: 65)))) == "6f00")
        #expect(Self.status(try bench.transmit(VirtualBench.put("s", type: 0x23))) == "6a80")
        let key65 = VirtualBench.put("k", secret: [UInt8](repeating: 1, count: 65))
        #expect(Self.status(try bench.transmit(key65)) == "6a80")
        #expect(Self.status(try bench.transmit(Self.rename("a", "b"))) == "6d00")
        #expect(try bench.transmit(VirtualBench.put("touch", extra: [0x78, 0x02])) == VirtualBench.ok)
        #expect(try bench.transmit(VirtualBench.calculate("touch")).first == 0x76)
        #expect(bench.key.clock.now == .zero)
        #expect(try bench.transmit(VirtualBench.delete("touch")) == VirtualBench.ok)
        // 28 names of 64 bytes and 9 more each fill 2044 of 2048 bytes; even an old name finds no room then.
        for number in 0..<28 {
            let name = String(repeating: "n", count: 62) + String(10 + number)
            #expect(try bench.transmit(VirtualBench.put(name)) == VirtualBench.ok)
        }
        #expect(Self.status(try bench.transmit(VirtualBench.put("x"))) == "6a84")
        let again = VirtualBench.put(String(repeating: "n", count: 62) + "10")
        #expect(Self.status(try bench.transmit(again)) == "6a84")
    }

    @Test func `names and secrets have their lengths`() throws {
        let bench = try VirtualBench()
        let statusOf = { (apdu: [UInt8]) in Self.status(try bench.transmit(apdu)) }
        #expect(try statusOf(VirtualBench.put(String(repeating: "n", count: 64))) == "9000")
        #expect(try statusOf(VirtualBench.put(String(repeating: "n", count: 65))) == "6a80")
        #expect(try statusOf(Self.rename(String(repeating: "n", count: 64), "m")) == "9000")
        #expect(try statusOf(Self.rename("m", String(repeating: "n", count: 65))) == "6a80")
        #expect(try statusOf(Self.rename("nobody", "m2")) == "6984")
        #expect(try statusOf(VirtualBench.put("other")) == "9000")
        #expect(try statusOf(Self.rename("m", "other")) == "6a80")
        let (hash64, hash128) = ([UInt8](repeating: 5, count: 64), [UInt8](repeating: 5, count: 128))
        #expect(try statusOf(VirtualBench.put("a", type: 0x22, secret: hash64)) == "9000")
        #expect(try statusOf(VirtualBench.put("a", type: 0x22, secret: hash64 + [5])) == "6a80")
        #expect(try statusOf(VirtualBench.put("a", type: 0x23, secret: hash128)) == "9000")
        #expect(try statusOf(VirtualBench.put("a", type: 0x31)) == "6a80")
        #expect(try statusOf(VirtualBench.put("a", type: 0x24)) == "6a80")
        #expect(try statusOf(VirtualBench.put("a", extra: [0x78])) == "6a80")
        #expect(try statusOf(VirtualBench.put("a", extra: [0x7A, 3, 0, 0, 1])) == "6a80")
        #expect(try statusOf(VirtualBench.put("a", extra: [0])) == "6a80")
    }

    // MARK: Codes

    @Test func `an HOTP counter goes on by one for each code and by none for CALCULATE ALL`() throws {
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("h", type: 0x11)) == VirtualBench.ok)
        // RFC 4226, appendix D: truncated values of counts 0, 1 and 2, top bit cleared.
        let values: [UInt32] = [0x4C93_CF18, 0x4139_7EEA, 0x082F_EF30]
        for (count, value) in values.enumerated() {
            _ = try bench.transmit(VirtualBench.apdu(0xA4, p2: 1, VirtualBench.tlv(0x74, [1])))
            let answer = try bench.transmit(VirtualBench.calculate("h", counter: nil))
            #expect(answer == [0x76, 5, 6] + bigEndianBytes(value) + VirtualBench.ok, "count \(count)")
        }
        #expect(
            try bench.transmit(VirtualBench.put("h", type: 0x11, extra: [0x7A, 4, 0xFF, 0xFF, 0xFF, 0xFF]))
                == VirtualBench.ok)
        _ = try bench.transmit(VirtualBench.calculate("h", counter: nil))
        #expect(bench.key.oathMemory?.credentials.first?.counter == 0x1_0000_0000)
    }

    @Test func `a credential that only increases refuses a smaller challenge, also after power off`() throws {
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("i", extra: [0x78, 0x01])) == VirtualBench.ok)
        #expect(try bench.transmit(VirtualBench.calculate("i", counter: 9)).first == 0x76)
        #expect(try bench.transmit(VirtualBench.calculate("i", counter: 9)).first == 0x76)
        #expect(Self.status(try bench.transmit(VirtualBench.calculate("i", counter: 8))) == "6982")
        bench.key.unplug()
        bench.key.plug()
        let again = try VirtualBench(bench.key)
        #expect(Self.status(try again.transmit(VirtualBench.calculate("i", counter: 8))) == "6982")
        #expect(try again.transmit(VirtualBench.calculate("i", counter: 10)).first == 0x76)
    }

    @Test func `a TOTP challenge has 1 to 64 bytes`() throws {
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("t")) == VirtualBench.ok)
        for (count, expected) in [(0, "6a80"), (1, "9000"), (64, "9000"), (65, "6a80")] {
            let challenge = VirtualBench.tlv(0x74, [UInt8](repeating: 1, count: count))
            let apdu = VirtualBench.apdu(0xA2, p2: 1, VirtualBench.tlv(0x71, [0x74]) + challenge)
            #expect(Self.status(try bench.transmit(apdu)) == expected)
        }
    }

    // MARK: Touch

    @Test func `a touch credential answers after the touch`() throws {
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("t", extra: [0x78, 0x02])) == VirtualBench.ok)
        let start = bench.key.clock.now
        #expect(try bench.transmit(VirtualBench.calculate("t")).first == 0x76)
        #expect(bench.key.clock.now == start + .seconds(1))
        #expect(bench.key.touchCount == 1)
        // Nobody touches a credential that is not there.
        #expect(Self.status(try bench.transmit(VirtualBench.calculate("u"))) == "6984")
        #expect(bench.key.touchCount == 1)
    }

    @Test(arguments: [TouchPolicy.never, .after(.seconds(16))])
    func `a touch that does not come in fifteen seconds is refused`(policy: TouchPolicy) throws {
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("t", type: 0x11, extra: [0x78, 0x02])) == VirtualBench.ok)
        bench.key.touch = policy
        let start = bench.key.clock.now
        #expect(Self.status(try bench.transmit(VirtualBench.calculate("t", counter: nil))) == "6982")
        #expect(bench.key.clock.now == start + .seconds(15))
        #expect(bench.key.touchCount == 0)
        #expect(bench.key.oathMemory?.credentials.first?.counter == 0)
    }

    @Test func `unplugged during the wait no counter is lost`() throws {
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("t", type: 0x11, extra: [0x78, 0x02])) == VirtualBench.ok)
        let message = VirtualBench.message(0x6F, data: VirtualBench.calculate("t", counter: nil))
        #expect(try bench.exchange(message)[7] == 0x80)
        bench.key.unplug()
        #expect(bench.key.touchCount == 0)
        #expect(bench.key.oathMemory?.credentials.first?.counter == 0)
    }

    // MARK: Lock

    private static let accessKey = [UInt8](1...16)

    private static func setCode(_ key: [UInt8] = accessKey, response: [UInt8]? = nil) throws -> [UInt8] {
        let challenge = [UInt8](repeating: 9, count: 8)
        let answer = try response ?? HMACHash.sha1.authenticate(challenge, key: key)
        let key = VirtualBench.tlv(0x73, [0x21] + key)
        return VirtualBench.apdu(0x03, key + VirtualBench.tlv(0x74, challenge) + VirtualBench.tlv(0x75, answer))
    }

    private static func validate(_ challenge: [UInt8], key: [UInt8] = accessKey) throws -> [UInt8] {
        let answer = try HMACHash.sha1.authenticate(challenge, key: key)
        return VirtualBench.apdu(
            0xA3, VirtualBench.tlv(0x75, answer) + VirtualBench.tlv(0x74, [UInt8](repeating: 3, count: 8)))
    }

    @Test func `a code locks from the next SELECT on and opens until power off`() throws {
        let bench = try VirtualBench()
        let list: [UInt8] = [0, 0xA1, 0, 0]
        #expect(try bench.transmit(Self.setCode()) == VirtualBench.ok)
        #expect(Self.status(try bench.transmit(list)) == "9000")
        let select = try bench.transmit(VirtualBench.selectOATH)
        #expect(Self.status(try bench.transmit(list)) == "6982")
        #expect(Self.status(try bench.transmit([0, 0x77, 0, 0])) == "6982")
        let challenge = Array(select[17..<25])
        #expect(Self.status(try bench.transmit(Self.validate(challenge, key: [1]))) == "6a80")
        #expect(Self.status(try bench.transmit(list)) == "6982")
        #expect(Self.status(try bench.transmit(Self.validate(challenge))) == "9000")
        #expect(Self.status(try bench.transmit(list)) == "9000")
        try bench.powerOn()
        let again = try bench.transmit(VirtualBench.selectOATH)
        #expect(again != select)
        #expect(Self.status(try bench.transmit(list)) == "6982")
        #expect(Self.status(try bench.transmit(Self.validate(challenge))) == "6a80")
    }

    @Test func `a NEO is locked at once, and needs a challenge of the new key`() throws {
        let bench = try VirtualBench("yubikeyneo")
        #expect(try bench.transmit(Self.setCode()) == VirtualBench.ok)
        #expect(Self.status(try bench.transmit([0, 0xA1, 0, 0])) == "6982")
    }

    @Test func `what is wrong with a code is told apart`() throws {
        let bench = try VirtualBench()
        #expect(Self.status(try bench.transmit(Self.validate([1]))) == "6984")
        #expect(Self.status(try bench.transmit(Self.setCode(response: [UInt8](repeating: 0, count: 20)))) == "6984")
        #expect(Self.status(try bench.transmit(Self.setCode(response: [0]))) == "6a80")
        #expect(Self.status(try bench.transmit(VirtualBench.apdu(0x03, [0x73, 0x02, 0x21, 0x00]))) == "6a80")
        #expect(Self.status(try bench.transmit(VirtualBench.apdu(0x03, [0x73, 0x02, 0x11, 0x00]))) == "6a80")
        #expect(Self.status(try bench.transmit(VirtualBench.apdu(0x03, [0x73, 0x00, 0x00]))) == "6a80")
        #expect(bench.key.oathMemory?.accessKey == nil)
    }

    @Test func `RESET needs no code and draws a new salt`() throws {
        let bench = try VirtualBench(random: ScriptedRandom([0x0101_0101_0101_0101, 2, 3]))
        #expect(try bench.transmit(VirtualBench.put("a")) == VirtualBench.ok)
        #expect(try bench.transmit(Self.setCode()) == VirtualBench.ok)
        _ = try bench.transmit(VirtualBench.selectOATH)
        #expect(Self.status(try bench.transmit([0, 0x04, 0xDE, 0xAE])) == "6b00")
        #expect(try bench.transmit([0, 0x04, 0xDE, 0xAD]) == VirtualBench.ok)
        #expect(try bench.transmit([0, 0xA1, 0, 0]) == VirtualBench.ok)
        #expect(bench.key.oathMemory == OATHMemory(salt: [0, 0, 0, 0, 0, 0, 0, 3]))
    }

    // MARK: Memory

    @Test func `where memory cannot be written the key keeps what it had`() throws {
        struct Full: Error {}
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("a", type: 0x11)) == VirtualBench.ok)
        let before = bench.key.snapshot
        bench.key.onMemoryWrite = { _ in throw Full() }
        for apdu in [
            VirtualBench.put("b"), VirtualBench.put("a"), VirtualBench.delete("a"), Self.rename("a", "c"),
            VirtualBench.calculate("a", counter: nil), [0, 0x04, 0xDE, 0xAD], try Self.setCode(),
        ] {
            #expect(try bench.transmit(apdu) == [0x65, 0x81])
        }
        #expect(bench.key.snapshot == before)
        // What changes nothing writes nothing.
        #expect(try bench.transmit([0, 0xA1, 0, 0]) == [0x72, 2, 0x11, 0x61] + VirtualBench.ok)
        bench.key.onMemoryWrite = nil
        #expect(try bench.transmit(VirtualBench.put("b")) == VirtualBench.ok)
    }

    @Test func `memory is written before the host hears of it`() throws {
        let bench = try VirtualBench()
        let kept = SnapshotBox()
        bench.key.onMemoryWrite = { kept.snapshot = $0 }
        try bench.device.send(VirtualBench.message(0x6F, data: VirtualBench.put("a")), to: VirtualBench.bulkOut)
        #expect(kept.snapshot == bench.key.snapshot)
        #expect(try VirtualKey(restoring: kept.snapshot).snapshot == bench.key.snapshot)
    }

    // MARK: Robustness

    @Test func `any command of any bytes gets a status word`() throws {
        var generator = SeededGenerator(seed: 0x0A7A)
        let commands = [
            VirtualBench.put("a", extra: [0x78, 0x02, 0x7A, 4, 0, 0, 0, 1]), VirtualBench.put("b", type: 0x11),
            VirtualBench.delete("a"), try Self.setCode(), VirtualBench.apdu(0x03, [0x73, 0]), Self.rename("a", "b"),
            [0, 0xA1, 0, 0], VirtualBench.calculate("a"), try Self.validate([1]),
            VirtualBench.apdu(0xA4, p2: 1, VirtualBench.tlv(0x74, [1])), [0, 0xA5, 0, 0], VirtualBench.selectOATH,
            VirtualBench.selectManagement, [0, 0x1D, 0, 0],
        ]
        for model in VirtualModel.yubiKeys {
            var card = try #require(VirtualKey(model: model, serial: 1).withChip(YubiKeyCard.self) { $0 })
            card.powerOn()
            for command in commands {
                for end in command.indices { Self.run(&card, Array(command[..<end])) }
                for _ in 0..<300 { Self.run(&card, mutated(command, using: &generator)) }
                Self.run(&card, command)
            }
        }
    }

    private static func run(_ card: inout YubiKeyCard, _ command: [UInt8]) {
        switch card.transmit(command) {
        case .bytes(let answer): #expect(answer.count >= 2)
        case .later: #expect(card.complete().count >= 2)
        case .mute: Issue.record("a YubiKey is never mute")
        }
    }
}

/// Holds what a writer got; one thread at a time uses it.
final class SnapshotBox: @unchecked Sendable {
    var snapshot: [UInt8] = []
}
