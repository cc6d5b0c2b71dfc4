import TestSupport
import Testing

@testable import MockDevices

/// APDU forms, selection, chaining of commands and answers, and the management applet.
@Suite struct VirtualCardTests {
    private static func status(_ answer: [UInt8]) -> String { hex(answer.suffix(2)) }

    @Test func `every APDU form is read, every other length refused`() throws {
        let header: [UInt8] = [0, 1, 2, 3]
        let forms: [(body: [UInt8], data: [UInt8], isExtended: Bool)] = [
            ([], [], false), ([0], [], false), ([5], [], false), ([2, 8, 9], [8, 9], false),
            ([2, 8, 9, 0], [8, 9], false), ([0, 1, 0], [], true), ([0, 0, 2, 8, 9], [8, 9], true),
            ([0, 0, 2, 8, 9, 0, 0], [8, 9], true),
        ]
        for form in forms {
            let command = try CommandAPDU(parsing: header + form.body)
            #expect(command.data == form.data && command.isExtended == form.isExtended)
            #expect((command.instruction, command.p1p2) == (1, 0x0203))
        }
        let wrong: [[UInt8]] = [
            [0], [0, 1], [0, 1, 2], header + [2, 8], header + [2, 8, 9, 0, 0], header + [0, 0], header + [0, 0, 2, 8],
            header + [0, 0, 2, 8, 9, 0], header + [0, 0, 2, 8, 9, 0, 0, 0],
        ]
        for bytes in wrong { #expect(throws: StatusWord.wrongLength) { try CommandAPDU(parsing: bytes) } }
        #expect(throws: StatusWord.classNotSupported) { try CommandAPDU(parsing: [0x80, 1, 2, 3]) }
    }

    @Test func `SELECT takes the beginning of an identifier and keeps the selection where it fails`() throws {
        let bench = try VirtualBench()
        let select = { (identifier: [UInt8]) in
            try bench.transmit(VirtualBench.apdu(0xA4, p1: 0x04, identifier))
        }
        #expect(try Self.status(select([0xA0, 0, 0, 5, 0x27])) == "9000")
        #expect(try Self.status(select(OATHApplet.identifier)) == "9000")
        #expect(try Self.status(select([0xA0, 0, 0, 5])) == "6a82")
        #expect(try Self.status(select(OATHApplet.identifier + [1])) == "6a82")
        #expect(try Self.status(select([0xA0, 0, 0, 3, 8])) == "6a82")
        #expect(Self.status(try bench.transmit(VirtualBench.apdu(0xA4, p1: 4, p2: 2, OATHApplet.identifier))) == "6a86")
        #expect(Self.status(try bench.transmit([0, 0xA1, 0, 0])) == "9000")
        try bench.powerOn()
        #expect(Self.status(try bench.transmit([0, 0xA1, 0, 0])) == "6d00")
    }

    @Test func `a command may come in parts`() throws {
        let bench = try VirtualBench()
        let whole = VirtualBench.put("chained")
        let data = Array(whole.dropFirst(5))
        var first = VirtualBench.apdu(0x01, Array(data[..<10]))
        first[0] = 0x10
        #expect(try bench.transmit(first) == VirtualBench.ok)
        #expect(try bench.transmit(VirtualBench.apdu(0x01, Array(data[10...]))) == VirtualBench.ok)
        #expect(try bench.transmit(VirtualBench.calculate("chained")).first == 0x76)
        #expect(try bench.transmit(first) == VirtualBench.ok)
        #expect(Self.status(try bench.transmit([0, 0xA1, 0, 0])) == "6883")
        #expect(Self.status(try bench.transmit([0, 0xA1, 0, 0])) == "9000")
    }

    @Test func `a long answer comes in blocks to short commands and whole to extended ones`() throws {
        let bench = try VirtualBench()
        for number in 0..<30 {
            #expect(try bench.transmit(VirtualBench.put("issuer \(number):somebody@example.org")) == VirtualBench.ok)
        }
        let whole = try bench.transmit([0, 0xA1, 0, 0, 0, 0, 0])
        #expect(Self.status(whole) == "9000")
        var joined: [UInt8] = []
        var answer = try bench.transmit([0, 0xA1, 0, 0])
        while answer[answer.count - 2] == 0x61 {
            #expect(answer.count == 256)
            joined += answer.dropLast(2)
            answer = try bench.transmit([0, 0xA5, 0, 0])
        }
        #expect(joined + answer == whole)
        #expect(try bench.transmit([0, 0xA5, 0, 0]) == VirtualBench.ok)
        // Another command drops what was left.
        _ = try bench.transmit([0, 0xA1, 0, 0])
        _ = try bench.transmit(VirtualBench.calculate("nobody"))
        #expect(try bench.transmit([0, 0xA5, 0, 0]) == VirtualBench.ok)
    }

    @Test func `even an extended answer ends where a message is full`() throws {
        let bench = try VirtualBench("yubikey57")
        for number in 0..<64 {
            let name = String(repeating: "n", count: 62) + String(10 + number)
            #expect(try bench.transmit(VirtualBench.put(name)) == VirtualBench.ok)
        }
        let first = try bench.transmit([0, 0xA1, 0, 0, 0, 0, 0])
        #expect(first.count == 3072 - 10 && Self.status(first) == "61ff")
        let second = try bench.transmit([0, 0xA5, 0, 0, 0, 0, 0])
        #expect(first.count + second.count - 4 == 64 * 67 && Self.status(second) == "9000")
    }

    @Test func `management tells version and serial number as each model does`() throws {
        let five = try VirtualBench("yubikey5")
        #expect(
            try five.transmit(VirtualBench.selectManagement) == Array("Virtual mgr - FW version 5.4.3".utf8) + [
                0x90, 0,
            ])
        let serial = hex(bigEndianBytes(five.key.serial))
        #expect(
            try hex(five.transmit([0, 0x1D, 0, 0]))
                == "2b" + "0102023b" + "0204\(serial)" + "0302023b" + "040101" + "0503050403" + "06020000" + "07010f"
                + "080100" + "0a0100" + "0d02023b" + "0e02023b" + "9000")
        #expect(Self.status(try five.transmit([0, 0x1D, 1, 0])) == "6a86")
        #expect(Self.status(try five.transmit([0, 0x1C, 0, 0])) == "6d00")
        let four = try VirtualBench("yubikey4")
        _ = try four.transmit(VirtualBench.selectManagement)
        #expect(try hex(four.transmit([0, 0x1D, 0, 0])) == "0c" + "01013b" + "0204\(serial)" + "03013b" + "9000")
        let neo = try VirtualBench("yubikeyneo")
        #expect(
            try neo.transmit(VirtualBench.selectManagement) == Array("Virtual mgr - FW version 3.4.9".utf8) + [0x90, 0])
        #expect(Self.status(try neo.transmit([0, 0x1D, 0, 0])) == "6d00")
    }

    @Test func `the OTP applet tells version and serial number, and takes slot commands`() throws {
        let neo = try VirtualBench("yubikeyneo")
        let select: [UInt8] = [0, 0xA4, 4, 0, 7, 0xA0, 0, 0, 5, 0x27, 0x20, 1]
        #expect(try neo.transmit(select) == [3, 4, 9, 0, 0, 0, 0x90, 0])
        #expect(try neo.transmit([0, 3, 0, 0]) == [3, 4, 9, 0, 0, 0, 0x90, 0])
        #expect(try neo.transmit([0, 1, 0x10, 0]) == bigEndianBytes(neo.key.serial) + [0x90, 0])
        #expect(Self.status(try neo.transmit([0, 1, 0x30, 0])) == "6a80", "nothing computes in an empty slot")
        let record = SlotBench.record()
        #expect(try neo.transmit([0, 1, 0x01, 0, UInt8(record.count)] + record) == [3, 4, 9, 1, 1, 0, 0x90, 0])
        #expect(try neo.transmit([0, 1, 0x30, 0, 1, 1]).count == 20 + 2)
        let long = [UInt8](repeating: 0, count: 65)
        #expect(Self.status(try neo.transmit([0, 1, 0x01, 0, 65] + long)) == "6700")
        #expect(Self.status(try neo.transmit([0, 9, 0, 0])) == "6d00")
    }
}
