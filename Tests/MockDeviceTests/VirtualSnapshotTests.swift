import TestSupport
import Testing

@testable import MockDevices

/// The state file: the same key comes out of it, and nothing else is taken for one.
@Suite struct VirtualSnapshotTests {
    /// A key with one of everything in its memory.
    private func fullKey(_ model: String = "yubikey5") throws -> VirtualKey {
        let bench = try VirtualBench(model)
        #expect(try bench.transmit(VirtualBench.put("totp", extra: [0x78, 0x01])) == VirtualBench.ok)
        #expect(try bench.transmit(VirtualBench.calculate("totp", counter: 7)).first == 0x76)
        #expect(
            try bench.transmit(VirtualBench.put("hotp", type: 0x12, extra: [0x7A, 4, 1, 2, 3, 4])) == VirtualBench.ok)
        let challenge = [UInt8](repeating: 1, count: 8)
        let response = try HMACHash.sha1.authenticate(challenge, key: [1, 2, 3])
        let code = VirtualBench.tlv(0x73, [0x21, 1, 2, 3]) + VirtualBench.tlv(0x74, challenge)
        #expect(try bench.transmit(VirtualBench.apdu(0x03, code + VirtualBench.tlv(0x75, response))) == VirtualBench.ok)
        return bench.key
    }

    private func error(_ snapshot: [UInt8]) -> VirtualKeyError? {
        do throws(VirtualKeyError) {
            _ = try VirtualKey(restoring: snapshot)
            return nil
        } catch {
            return error
        }
    }

    private func changed(_ old: String, _ new: String) throws -> [UInt8] {
        let text = String(decoding: try fullKey().snapshot, as: UTF8.self)
        #expect(text.contains(old))
        return Array(text.replacing(old, with: new).utf8)
    }

    @Test(arguments: VirtualModel.yubiKeys.map(\.name))
    func `a key comes back whole`(model: String) throws {
        let key = try fullKey(model)
        let again = try VirtualKey(restoring: key.snapshot)
        #expect(again.snapshot == key.snapshot)
        #expect((again.model, again.serial) == (key.model, key.serial))
        #expect(again.oathMemory == key.oathMemory)
    }

    @Test func `what power takes is not in it`() throws {
        let key = try fullKey()
        let again = try VirtualKey(restoring: key.snapshot)
        let bench = try VirtualBench(again)
        #expect(try bench.transmit([0, 0xA1, 0, 0]) == [0x69, 0x82])
    }

    @Test func `versions, models and numbers of other makers are refused`() throws {
        #expect(try error(changed("\"version\" : 1", "\"version\" : 2")) == .unknownVersion(2))
        #expect(try error(changed("\"yubikey5\"", "\"yubikey9\"")) == .unknownModel)
        #expect(try error(changed("99000001", "12345678")) == .invalid(.serial))
        #expect(try error(changed("keyprov virtual key", "something else")) == .notASnapshot)
    }

    @Test func `memory that no key can have is refused`() throws {
        let salt = hex(try #require(try fullKey().oathMemory).salt)
        #expect(try error(changed(salt, salt.dropLast(2) + "")) == .invalid(.salt))
        #expect(try error(changed(salt, salt.dropLast(1) + "")) == .notASnapshot)
        #expect(try error(changed(salt, salt.dropLast(1) + "G")) == .notASnapshot)
        #expect(try error(changed("\"type\" : 18", "\"type\" : 20")) == .invalid(.credential(1)))
        #expect(try error(changed(hex("hotp".utf8), hex("totp".utf8))) == .invalid(.credential(1)))
        #expect(
            try error(changed("\"010203\"", "\"" + String(repeating: "00", count: 65) + "\"")) == .invalid(.accessKey))
        #expect(try error(changed("\"digits\" : 6", "\"digits\" : 256")) == .notASnapshot)
        #expect(try error(changed("\"counter\" : 0", "\"counter\" : -1")) == .notASnapshot)
        let model = try #require(VirtualModel.named("yubikey5"))
        var memory = OATHMemory(salt: [UInt8](repeating: 0, count: 8))
        for number in 0..<33 as Range<UInt8> {
            memory.credentials.append(
                OATHStoredCredential(
                    name: [number], type: OATHKeyType(rawValue: 0x21), digits: 6, secret: [], properties: [],
                    counter: 0))
        }
        let tooMany = KeySnapshot(
            model: model, serial: 99_000_001, content: YubiKeyContent(memory, OTPMemory())
        ).bytes
        #expect(error(tooMany) == .invalid(.credentialCount))
    }

    @Test func `every truncation is refused`() throws {
        // The last byte is a line feed, without which the text is whole.
        let snapshot = try fullKey().snapshot
        for end in 0..<snapshot.count - 1 {
            #expect(error(Array(snapshot[..<end])) == .notASnapshot, "\(end)")
        }
    }

    @Test func `a mutated snapshot is refused or makes a key that is the same again`() throws {
        var generator = SeededGenerator(seed: 0x5A7E)
        let snapshot = try fullKey().snapshot
        var made = 0
        for _ in 0..<3000 {
            guard let key = try? VirtualKey(restoring: mutated(snapshot, using: &generator)) else { continue }
            made += 1
            #expect(try VirtualKey(restoring: key.snapshot).snapshot == key.snapshot)
        }
        #expect(made > 0)
    }

    @Test func `serial numbers are brought into the range of virtual keys`() throws {
        let model = try #require(VirtualModel.named("yubikey5"))
        for (given, expected): (UInt32, UInt32) in [
            (1, 99_000_001), (99_123_456, 99_123_456), (12_345_678, 99_345_678), (.max, 99_967_295),
        ] {
            #expect(VirtualKey(model: model, serial: given).serial == expected)
            #expect(VirtualKey.isVirtual(serial: expected))
            #expect(String(expected).hasPrefix(VirtualKey.serialPrefix))
        }
        #expect(!VirtualKey.isVirtual(serial: 12_345_678))
    }
}
