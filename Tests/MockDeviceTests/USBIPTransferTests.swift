import TestSupport
import Testing

@testable import MockDevices

/// Transfers through the server: order, waiting, taking back, status codes.
@Suite struct USBIPTransferTests {
    private static let deviceDescriptor: [UInt8] = [0x80, 6, 0, 1, 0, 0, 18, 0]

    @Test func `a whole exchange runs through submits`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        #expect(try bench.control(client, Self.deviceDescriptor)?.data == bench.key.descriptors.deviceBytes)
        #expect(try bench.control(client, [0x00, 9, 1, 0, 0, 0, 0, 0])?.status == 0)
        #expect(try bench.control(client, [0x01, 11, 0, 0, 2, 0, 0, 0])?.status == 0)
        try bench.sendCommand(client, 0x62)
        let reset = try #require(try bench.read(client, 2))
        #expect(reset.data.prefix(10) == [0x80, 23, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try bench.transmit(client, VirtualBench.selectOATH).suffix(2) == VirtualBench.ok)
        #expect(try bench.transmit(client, VirtualBench.put("name")) == VirtualBench.ok)
        // RFC 4226, appendix D: counter 1 is 94287082, and OATH gives the truncated number.
        #expect(
            try bench.transmit(client, VirtualBench.calculate("name")) == [0x76, 5, 6, 0x41, 0x39, 0x7E, 0xEA, 0x90, 0])
        #expect(bench.key.transferCounts == [0x02: 4, 0x82: 4])
    }

    @Test func `a read waits until the key has something, in real time`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        try bench.sendCommand(client, 0x62)
        _ = try bench.read(client, 2)
        _ = try bench.transmit(client, VirtualBench.selectOATH)
        _ = try bench.transmit(client, VirtualBench.put("name", extra: [0x78, 0x02]))
        bench.key.touch = .after(.milliseconds(700))
        try bench.sendCommand(client, 0x6F, VirtualBench.calculate("name"))
        #expect(try bench.read(client, 2) == nil)
        #expect(bench.server.timeUntilNextEvent == .milliseconds(500))
        bench.server.advance(by: .milliseconds(499))
        #expect(bench.take(client) == [])
        bench.server.advance(by: .milliseconds(1))
        let extension1 = try #require(try USBIPBench.reply(bench.take(client), isIn: true))
        #expect(extension1.data == [0x80, 0, 0, 0, 0, 0, 0, 0x80, 1, 0])
        #expect(try bench.read(client, 2) == nil)
        #expect(bench.server.timeUntilNextEvent == .milliseconds(200))
        bench.server.advance(by: .milliseconds(200))
        let answer = try #require(try USBIPBench.reply(bench.take(client), isIn: true))
        #expect(Array(answer.data.dropFirst(10)) == [0x76, 5, 6, 0x41, 0x39, 0x7E, 0xEA, 0x90, 0])
        #expect(bench.key.touchCount == 1)
    }

    @Test func `reads of one endpoint are answered in their order`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        for _ in 0..<3 { #expect(try bench.read(client, 2) == nil) }
        let message = VirtualBench.message(0x65)
        for number: UInt32 in 4...6 {
            let submit = USBIPBench.Submit(
                sequence: number, isIn: false, endpoint: 2, length: UInt32(message.count), data: message)
            let replies = try USBIPBench.replies(bench.exchange(client, submit.bytes)) { $0 < 4 }
            #expect(Set(replies.map(\.sequence)) == [number, number - 3])
            #expect(replies.first { $0.sequence == number - 3 }?.data.count == 10)
        }
    }

    // MARK: Taking back

    @Test func `an open transfer is taken back and answered by nothing else`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        #expect(try bench.read(client, 2) == nil)
        let reply = bench.exchange(client, USBIPBench.unlink(1, sequence: 2))
        #expect(
            reply == [4, 2, 0, 0, 0].flatMap(USBIPBench.big) + [0xFF, 0xFF, 0xFF, 0x98] + Array(repeating: 0, count: 24)
        )
        try bench.sendCommand(client, 0x65)
        #expect(bench.take(client) == [])
    }

    @Test func `what has ended cannot be taken back`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        _ = try bench.control(client, Self.deviceDescriptor)
        for target: UInt32 in [1, 77] {
            let reply = bench.exchange(client, USBIPBench.unlink(target, sequence: 90 + target))
            #expect(reply == [4, 90 + target, 0, 0, 0, 0].flatMap(USBIPBench.big) + Array(repeating: 0, count: 24))
        }
    }

    @Test func `a later transfer can be taken back before an earlier one`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        for _ in 0..<3 { _ = try bench.read(client, 2) }
        let reply = try USBIPBench.replies(bench.exchange(client, USBIPBench.unlink(2, sequence: 9))) { _ in true }
        #expect(reply == [.init(sequence: 9, status: USBIPBench.connectionReset, data: [])])
        bench.key.unplug()
        bench.server.serve()
        let ended = try USBIPBench.replies(bench.take(client)) { _ in true }
        #expect(ended.map(\.sequence) == [1, 3])
    }

    @Test func `packets that had come are not lost with a transfer that is taken back`() throws {
        var profile = CCIDProfile(answerToReset: [0x3B], maxMessageLength: 3072, maxIFSD: 254)
        profile.sendsZeroLengthPackets = false
        profile.staleMessage = [UInt8](repeating: 7, count: 64)
        let reader = try VirtualReader(ccid: profile, card: ScriptedCard())
        let bench = USBIPBench(port: reader)
        let client = try bench.importing()
        #expect(try bench.read(client, 1, 128) == nil)
        let replies = try USBIPBench.replies(bench.exchange(client, USBIPBench.unlink(1, sequence: 2))) { $0 == 1 }
        #expect(
            replies == [
                .init(sequence: 1, status: 0, data: [UInt8](repeating: 7, count: 64)),
                .init(sequence: 2, status: 0, data: []),
            ])
        #expect(try bench.read(client, 1, 128) == nil)
    }

    // MARK: Status codes

    @Test func `what the key refuses is a stall of that request alone`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        let refused = try bench.control(client, [0xC0, 1, 0, 0, 0, 0, 8, 0])
        #expect(refused == .init(sequence: 1, status: USBIPBench.pipe, data: []))
        #expect(try bench.control(client, Self.deviceDescriptor)?.status == 0)
    }

    @Test func `an endpoint stays halted until the host ends it`() throws {
        let ways: [[UInt8]] = [
            [0x02, 1, 0, 0, 0x02, 0, 0, 0], [0x00, 9, 1, 0, 0, 0, 0, 0], [0x01, 11, 0, 0, 2, 0, 0, 0],
        ]
        for way in ways {
            let bench = try USBIPBench()
            let client = try bench.importing()
            bench.key.port.plan(.stall, atTransfer: 1)
            for _ in 0..<2 {
                #expect(try bench.write(client, 2, VirtualBench.message(0x65))?.status == USBIPBench.pipe)
            }
            #expect(try bench.control(client, [0x82, 0, 0, 0, 0x02, 0, 2, 0])?.data == [1, 0])
            #expect(try bench.control(client, way)?.status == 0)
            #expect(try bench.control(client, [0x82, 0, 0, 0, 0x02, 0, 2, 0])?.data == [0, 0])
            try bench.sendCommand(client, 0x65)
            #expect(try bench.read(client, 2)?.data.count == 10)
        }
    }

    @Test func `a short answer is an error where the host says so`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        let submit = USBIPBench.Submit(flags: 1, length: 64, setup: [0x80, 6, 0, 1, 0, 0, 64, 0])
        let reply = try USBIPBench.reply(bench.exchange(client, submit.bytes), isIn: true)
        #expect(reply == .init(sequence: 1, status: -121, data: bench.key.descriptors.deviceBytes))
    }

    @Test func `lengths and directions that do not fit are answered and harmless`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        let cases: [(USBIPBench.Submit, Int32)] = [
            (.init(sequence: 1, endpoint: 9, length: 64), -2),
            (.init(sequence: 2, isIn: false, endpoint: 9), -2),
            (.init(sequence: 3, endpoint: 2, length: 0), -22),
            // Five data bytes where the setup packet says none.
            (
                .init(sequence: 4, isIn: false, length: 5, setup: [0x21, 9, 0, 0, 0, 0, 0, 0], data: [1, 2, 3, 4, 5]),
                -22
            ),
            (.init(sequence: 5, isIn: true, length: 4, setup: [0x21, 9, 0, 0, 0, 0, 4, 0]), -22),
            (.init(sequence: 6, isIn: false, length: 0, setup: Self.deviceDescriptor), -22),
        ]
        for (submit, status) in cases {
            let reply = try USBIPBench.reply(bench.exchange(client, submit.bytes), isIn: submit.isIn)
            #expect(reply == .init(sequence: submit.sequence, status: status, data: []))
        }
        try bench.sendCommand(client, 0x62)
        #expect(try bench.read(client, 2, 8)?.status == -75, "a packet is longer than the room")
    }

    @Test func `a control read gives no more than there is room for`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        let submit = USBIPBench.Submit(length: 8, setup: Self.deviceDescriptor)
        let reply = try USBIPBench.reply(bench.exchange(client, submit.bytes), isIn: true)
        #expect(reply?.data == Array(bench.key.descriptors.deviceBytes.prefix(8)))
    }

    // MARK: Faults

    @Test func `a transfer that times out is open until it is taken back`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        bench.key.port.plan(.timeout, atTransfer: 1)
        bench.key.port.plan(.timeout, atTransfer: 3)
        let message = VirtualBench.message(0x65)
        #expect(try bench.write(client, 2, message) == nil)
        #expect(try bench.write(client, 2, message) == nil, "it waits for the one before")
        let freed = try USBIPBench.replies(bench.exchange(client, USBIPBench.unlink(1, sequence: 50))) { _ in false }
        #expect(
            freed == [
                .init(sequence: 50, status: USBIPBench.connectionReset, data: []),
                .init(sequence: 2, status: 0, data: []),
            ])
        // The answer is there, and the read gets it all the same only in its second attempt.
        #expect(try bench.read(client, 2) == nil)
        let given = try USBIPBench.replies(bench.exchange(client, USBIPBench.unlink(3, sequence: 51))) { _ in false }
        #expect(given == [.init(sequence: 51, status: USBIPBench.connectionReset, data: [])])
        #expect(try bench.read(client, 2)?.data.count == 10)
        #expect(bench.key.transferCounts == [0x02: 2, 0x82: 2])
    }

    @Test func `unplugged before, nothing happened; after, it did`() throws {
        for (fault, count) in [(Fault.unplugBefore, 0), (.unplugAfter, 1)] {
            let reader = try VirtualReader(
                ccid: CCIDProfile(answerToReset: [0x3B], maxMessageLength: 271, maxIFSD: 254), card: ScriptedCard())
            let bench = USBIPBench(port: reader)
            let client = try bench.importing()
            try bench.expectPower(client)
            reader.plan(fault, atTransfer: 1)
            let reply = try bench.write(client, 1, VirtualBench.message(0x6F, data: [0, 0xA4, 4, 0]))
            #expect(reply?.status == USBIPBench.shutDown)
            #expect(bench.server.isOver(client))
            #expect(reader.withCard { $0.received.count } == count)
        }
    }

    @Test func `short and garbled transfers are what the plan says`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        bench.key.port.plan(.short, atTransfer: 2)
        bench.key.port.plan(.garbled, atTransfer: 4)
        bench.key.port.plan(.short, atTransfer: 5)
        for expected: [UInt8] in [[0x81, 0, 0, 0, 0], [0x81, 0, 0, 0, 0, 0x20, 0, 0x01, 0, 0]] {
            try bench.sendCommand(client, 0x65)
            #expect(try bench.read(client, 2)?.data == expected)
        }
        let message = VirtualBench.message(0x65)
        let submit = USBIPBench.Submit(sequence: 70, isIn: false, endpoint: 2, length: 10, data: message)
        let reply = bench.exchange(client, submit.bytes)
        #expect(reply[20..<28] == [0, 0, 0, 0, 0, 0, 0, 5])
    }

    @Test func `what a system sends by itself does not count`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        bench.key.port.plan(.stall, atTransfer: 1)
        #expect(try bench.control(client, Self.deviceDescriptor)?.status == 0)
        #expect(try bench.control(client, [0x00, 9, 1, 0, 0, 0, 0, 0])?.status == 0)
        #expect(try bench.control(client, [0x21, 0x0A, 0, 0, 0, 0, 0, 0])?.status == 0)
        // Lights of a keyboard: not there, and not counted.
        #expect(try bench.control(client, [0x21, 9, 0, 2, 0, 0, 1, 0], data: [1])?.status == USBIPBench.pipe)
        // The poll of an interrupt endpoint, taken back.
        #expect(try bench.read(client, 1, 8) == nil)
        _ = bench.exchange(client, USBIPBench.unlink(5, sequence: 60))
        #expect(bench.key.transferCounts == [:])
        #expect(try bench.write(client, 2, VirtualBench.message(0x65))?.status == USBIPBench.pipe)
        #expect(bench.key.transferCounts == [0x02: 1])
    }
}

extension USBIPBench {
    /// Powers on the card of a reader whose bulk endpoints have number 1.
    func expectPower(_ client: Int) throws {
        #expect(try write(client, 1, VirtualBench.message(0x62))?.status == 0)
        #expect(try read(client, 1)?.data.last == 0x3B)
    }
}
