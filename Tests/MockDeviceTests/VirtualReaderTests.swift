import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// The CCID side of a virtual device, message by message, with readers and cards of different habits.
@Suite struct VirtualReaderTests {
    private static let plain = CCIDProfile(answerToReset: [0x3B, 0x00], maxMessageLength: 271, maxIFSD: 254)

    /// A reader with its handle.
    private struct Bench {
        let reader: VirtualReader<ScriptedCard>
        let device: any USBDevice

        init(_ profile: CCIDProfile = VirtualReaderTests.plain, card: ScriptedCard = ScriptedCard(), on: Bool = true)
            throws
        {
            reader = try VirtualReader(ccid: profile, card: card)
            device = try reader.open()
            try device.claimInterface(0)
            if on { _ = try exchange(VirtualBench.message(0x62)) }
        }

        func send(_ message: [UInt8]) throws { try device.send(message, to: 0x01) }

        func receive(_ timeout: Duration = .seconds(1)) throws -> [UInt8] {
            try device.read(upTo: 4096, from: 0x81, timeout: timeout)
        }

        func exchange(_ message: [UInt8]) throws -> [UInt8] {
            try send(message)
            return try receive()
        }

        var isSilent: Bool {
            usbCode { () throws(USBError) in _ = try device.read(upTo: 64, from: 0x81, timeout: .zero) } == .timeout
        }
    }

    @Test func `the sequence number comes back`() throws {
        let bench = try Bench()
        for sequence: UInt8 in [0, 1, 7, 255] {
            #expect(try bench.exchange(VirtualBench.message(0x65, sequence: sequence))[6] == sequence)
        }
    }

    @Test func `power on gives the answer to reset, power off ends the card`() throws {
        let bench = try Bench(on: false)
        #expect(try bench.exchange(VirtualBench.message(0x65))[7] == 0x01)
        #expect(try bench.exchange(VirtualBench.message(0x62)) == [0x80, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x3B, 0x00])
        #expect(try bench.exchange(VirtualBench.message(0x65))[7] == 0x00)
        #expect(try bench.exchange(VirtualBench.message(0x63)) == [0x81, 0, 0, 0, 0, 0, 0, 0x01, 0, 0])
    }

    @Test func `a card without power is mute`() throws {
        let bench = try Bench(on: false)
        let answer = try bench.exchange(VirtualBench.message(0x6F, data: [0, 0xA4, 4, 0]))
        #expect(answer == [0x80, 0, 0, 0, 0, 0, 0, 0x41, 0xFE, 0])
        #expect(bench.reader.withCard { $0.received }.isEmpty)
    }

    @Test func `another slot and another length are errors at their byte`() throws {
        let bench = try Bench()
        var wrongSlot = VirtualBench.message(0x65, sequence: 3)
        wrongSlot[5] = 1
        #expect(try bench.exchange(wrongSlot) == [0x81, 0, 0, 0, 0, 1, 3, 0x42, 0x05, 0])
        var wrongLength = VirtualBench.message(0x6F, sequence: 4, data: [0, 0xA4, 4, 0])
        for length: UInt8 in [3, 5] {
            wrongLength[1] = length
            #expect(try bench.exchange(wrongLength) == [0x80, 0, 0, 0, 0, 0, 4, 0x40, 0x01, 0])
        }
        let tooLong = VirtualBench.message(0x6F, data: [UInt8](repeating: 0, count: 262))
        #expect(try bench.exchange(tooLong)[8] == 0x01)
        #expect(try bench.exchange(VirtualBench.message(0x62, data: [0]))[8] == 0x01)
        #expect(bench.reader.withCard { $0.received }.isEmpty)
    }

    @Test func `a message may come in packets`() throws {
        let bench = try Bench()
        let apdu = [UInt8](repeating: 0xAB, count: 100)
        let message = VirtualBench.message(0x6F, data: apdu)
        try bench.send(Array(message[..<64]))
        #expect(bench.isSilent)
        try bench.send(Array(message[64...]))
        #expect(try bench.receive().suffix(2) == VirtualBench.ok[...])
        #expect(bench.reader.withCard { $0.received } == [apdu])
        // Bytes that are no header are dropped: there is no number to answer to.
        try bench.send([0x65, 0, 0])
        try bench.send([])
        #expect(bench.isSilent)
        #expect(try bench.exchange(VirtualBench.message(0x65)).count == 10)
    }

    @Test func `parameters are those of T=1`() throws {
        let bench = try Bench()
        let expected: [UInt8] = [0x82, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0x11, 0x10, 0x00, 0x4D, 0x00, 0xFE, 0x00]
        #expect(try bench.exchange(VirtualBench.message(0x6C)) == expected)
        #expect(try bench.exchange(VirtualBench.message(0x6D)) == expected)
        #expect(try bench.exchange(VirtualBench.message(0x61, data: [0x11, 0x10, 0, 0x15, 0, 0xFE, 0])) == expected)
        var profile = Self.plain
        profile.setParameters = .fails(messageType: 0x6C)
        let answer = try Bench(profile).exchange(VirtualBench.message(0x61, data: [0x11, 0x10, 0, 0x15, 0, 0xFE, 0]))
        #expect(answer == [0x6C, 0, 0, 0, 0, 0, 0, 0x40, 0, 0])
    }

    @Test func `messages that are not built are refused under their own type`() throws {
        let bench = try Bench()
        let types: [(UInt8, UInt8)] = [
            (0x6B, 0x83), (0x6E, 0x81), (0x6A, 0x81), (0x69, 0x80), (0x71, 0x81), (0x73, 0x84), (0x99, 0x81),
        ]
        for (type, answer) in types {
            let got = try bench.exchange(VirtualBench.message(type, sequence: 9))
            #expect(got == [answer, 0, 0, 0, 0, 0, 9, 0x40, 0x00, 0])
        }
        var profile = Self.plain
        profile.ignoresUnknownMessages = true
        let silent = try Bench(profile)
        try silent.send(VirtualBench.message(0x99))
        #expect(silent.isSilent)
    }

    @Test func `CanoKey's habits: one voltage, an error code on success`() throws {
        var profile = Self.plain
        (profile.acceptsAutomaticVoltageOnly, profile.setsErrorOnSuccess) = (true, true)
        let bench = try Bench(profile, on: false)
        var powerOn = VirtualBench.message(0x62)
        powerOn[7] = 1
        #expect(try bench.exchange(powerOn)[7...8] == [0x41, 0x07])
        powerOn[7] = 0
        #expect(try bench.exchange(powerOn)[7...8] == [0x00, 0x81])
        let plain = try Bench(on: false)
        for voltage: UInt8 in 0...4 {
            powerOn[7] = voltage
            #expect(try plain.exchange(powerOn)[8] == (voltage == 4 ? 0x07 : 0x00))
        }
    }

    @Test func `a long command comes in chained blocks`() throws {
        let bench = try Bench()
        let goOn: [UInt8] = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x10]
        #expect(try bench.exchange(VirtualBench.message(0x6F, level: 1, data: [1, 2])) == goOn)
        #expect(try bench.exchange(VirtualBench.message(0x6F, level: 3, data: [3])) == goOn)
        let last = try bench.exchange(VirtualBench.message(0x6F, level: 2, data: [4]))
        #expect(last.suffix(2) == VirtualBench.ok[...])
        #expect(bench.reader.withCard { $0.received } == [[1, 2, 3, 4]])
    }

    @Test(arguments: [2, 3, 0x10, 0x11, 0x100] as [UInt16])
    func `a block that continues nothing is refused`(level: UInt16) throws {
        let bench = try Bench()
        #expect(try bench.exchange(VirtualBench.message(0x6F, level: level))[7...8] == [0x40, 0x08])
    }

    @Test func `a long answer comes in chained blocks and is dropped by the next command`() throws {
        var profile = Self.plain
        profile.chunkSize = 54
        var card = ScriptedCard()
        card.answer = .bytes([UInt8](0..<108))
        let bench = try Bench(profile, card: card)
        let first = try bench.exchange(VirtualBench.message(0x6F, data: [0]))
        let second = try bench.exchange(VirtualBench.message(0x6F, level: 0x10))
        #expect((first[9], second[9]) == (1, 2))
        #expect(first.dropFirst(10) + second.dropFirst(10) == [UInt8](0..<108)[...])
        _ = try bench.exchange(VirtualBench.message(0x6F, data: [0]))
        _ = try bench.exchange(VirtualBench.message(0x6F, level: 1, data: [0]))
        #expect(try bench.exchange(VirtualBench.message(0x6F, level: 0x10))[8] == 0x08)
    }

    @Test func `a slow card asks for time under the same number, every half second`() throws {
        var profile = Self.plain
        profile.timeExtensionMultiplier = 0
        var card = ScriptedCard()
        card.answer = .later(.milliseconds(1700))
        let bench = try Bench(profile, card: card)
        let start = bench.reader.clock.now
        try bench.send(VirtualBench.message(0x6F, sequence: 5, data: [0]))
        for half in 1...3 {
            #expect(try bench.receive() == [0x80, 0, 0, 0, 0, 0, 5, 0x80, 0, 0])
            #expect(bench.reader.clock.now == start + .milliseconds(500) * half)
        }
        #expect(try bench.receive() == [0x80, 2, 0, 0, 0, 0, 5, 0, 0, 0, 0x90, 0x00])
        #expect(bench.reader.clock.now == start + .milliseconds(1700))
        #expect(bench.isSilent)
    }

    @Test func `a host that does not read finds one request for time, not a row of them`() throws {
        var card = ScriptedCard()
        card.answer = .later(.seconds(10))
        let bench = try Bench(card: card)
        try bench.send(VirtualBench.message(0x6F, data: [0]))
        bench.device.pause(for: .seconds(8))
        #expect(try bench.receive()[7] == 0x80)
        #expect(try bench.receive()[7] == 0x80)
        // The second request is a new one: it came half a second after the one before it was due.
        #expect(bench.reader.clock.now == .milliseconds(8500))
    }

    @Test func `a second command finds the slot busy`() throws {
        var card = ScriptedCard()
        card.answer = .later(.seconds(2))
        let bench = try Bench(card: card)
        try bench.send(VirtualBench.message(0x6F, sequence: 1, data: [0]))
        #expect(try bench.exchange(VirtualBench.message(0x6F, sequence: 2, data: [1]))[6...8] == [2, 0x40, 0xE0])
        #expect(bench.reader.withCard { $0.received } == [[0]])
    }

    @Test(arguments: [true, false])
    func `an abort takes the request and the message, in either order`(requestFirst: Bool) throws {
        var card = ScriptedCard()
        card.answer = .later(.seconds(2))
        let bench = try Bench(card: card)
        try bench.send(VirtualBench.message(0x6F, sequence: 1, data: [0]))
        let request = { () throws(USBError) in
            _ = try bench.device.request(0x21, 0x01, value: 0x0100, index: 0)
        }
        let message = VirtualBench.message(0x72, sequence: 1)
        if requestFirst {
            try request()
            #expect(try bench.exchange(VirtualBench.message(0x65, sequence: 2))[6...8] == [2, 0x40, 0xFF])
            try bench.send(message)
        } else {
            try bench.send(message)
            #expect(bench.isSilent)
            try request()
        }
        #expect(try bench.receive() == [0x81, 0, 0, 0, 0, 0, 1, 0, 0, 0])
        bench.device.pause(for: .seconds(5))
        #expect(bench.isSilent)
        #expect(try bench.exchange(VirtualBench.message(0x65))[7] == 0)
    }

    @Test func `an abort of another slot is stalled`() throws {
        let bench = try Bench()
        let code = usbCode { () throws(USBError) in _ = try bench.device.request(0x21, 0x01, value: 0x0001) }
        #expect(code == .stall)
    }

    @Test func `plug-in is told once, and a message left behind comes first`() throws {
        var profile = Self.plain
        profile.staleMessage = [0x81, 0, 0, 0, 0, 0, 0x77, 0, 0, 0]
        let bench = try Bench(profile, on: false)
        #expect(try bench.device.read(upTo: 8, from: 0x82, timeout: .seconds(1)) == [0x50, 0x03])
        let again = { () throws(USBError) in _ = try bench.device.read(upTo: 8, from: 0x82, timeout: .zero) }
        #expect(usbCode(again) == .timeout)
        #expect(try bench.exchange(VirtualBench.message(0x65))[6] == 0x77)
        #expect(try bench.receive()[6] == 0)
    }

    @Test func `random bytes on the bulk endpoint bring down nothing`() throws {
        var generator = SeededGenerator(seed: 0xCC1D)
        let key = VirtualKey(model: try #require(VirtualModel.named("yubikey5")), serial: 1)
        let bench = try VirtualBench(key)
        for round in 0..<4000 {
            let count = Int.random(in: 0...200, using: &generator)
            var message = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Half of the rounds are almost messages, or they would end at the first byte.
            if round.isMultiple(of: 2) { message = VirtualBench.message(0x6F, data: message) }
            if round.isMultiple(of: 4) { message = mutated(message, using: &generator) }
            try bench.device.send(message, to: VirtualBench.bulkOut)
            while let answer = try? bench.device.read(upTo: 4096, from: 0x82, timeout: .zero) {
                #expect(answer.count >= 10)
            }
        }
        // A whole packet may have been the start of a message; an empty one ends it.
        try bench.device.send([], to: VirtualBench.bulkOut)
        _ = try? bench.receive()
        bench.key.unplug()
        bench.key.plug()
        #expect(try VirtualBench(key).exchange(VirtualBench.message(0x65)).first == 0x81)
    }
}
