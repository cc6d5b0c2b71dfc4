import TestSupport
import Testing

@testable import MockDevices

/// Clients that send something else than USB/IP: one event, their connection ends, everybody else goes on.
@Suite struct USBIPMalformedTests {
    /// An import, a control read, a message to the card, its answer, and a transfer taken back.
    private static let session: [UInt8] = {
        let message = VirtualBench.message(0x62)
        let submits = [
            USBIPBench.Submit(sequence: 1, length: 18, setup: [0x80, 6, 0, 1, 0, 0, 18, 0]),
            USBIPBench.Submit(sequence: 2, isIn: false, endpoint: 2, length: 10, data: message),
            USBIPBench.Submit(sequence: 3, endpoint: 2, length: 4096),
            USBIPBench.Submit(sequence: 4, endpoint: 2, length: 4096),
        ]
        return USBIPBench.requestImport("1-1") + submits.flatMap(\.bytes) + USBIPBench.unlink(4, sequence: 5)
    }()

    /// Bytes of a key that is well, and of a client that was there all along.
    private func expectUnharmed(_ bench: USBIPBench, _ bystander: Int) throws {
        #expect(!bench.server.isOver(bystander))
        let reply = try bench.write(bystander, 2, VirtualBench.message(0x65), device: 0x0001_0003)
        #expect(reply?.status == 0)
        #expect(try bench.read(bystander, 2, device: 0x0001_0003)?.data.count == 10)
    }

    private func bounded(_ bench: USBIPBench, _ client: Int) -> Bool {
        let connection = bench.server.connections[client]
        return (connection?.inbox.count ?? 0) <= Int(USBIPSubmit.longestTransfer) + USBIPCommand.length
            && bench.server.exports.allSatisfy { $0.openTransferCount <= USBIPServer.openTransferLimit }
    }

    @Test func `a client may leave at every byte`() throws {
        let bench = try USBIPBench(["yubikey5", "yubikey4"])
        let bystander = try bench.importing("1-2")
        let messageEnds: Set<Int> = [0, 40, 88, 146, 194, 242, 290]
        for count in 0...Self.session.count {
            let client = try bench.connect()
            _ = bench.server.takeEvents()
            _ = bench.exchange(client, Array(Self.session.prefix(count)))
            bench.server.endOfInput(from: client)
            #expect(bench.server.isOver(client), "\(count) bytes")
            bench.server.disconnect(client)
            let failures = bench.server.takeEvents().filter { if case .failed = $0 { true } else { false } }
            #expect(failures.count == (messageEnds.contains(count) ? 0 : 1), "\(count) bytes")
            #expect(bench.server.exports[0].importer == nil && bench.server.exports[0].openTransferCount == 0)
        }
        try expectUnharmed(bench, bystander)
        #expect(bench.server.connections.count == 1)
    }

    @Test func `damaged sessions harm nobody`() throws {
        var generator = SeededGenerator(seed: 0x4D41_4C46)
        let bench = try USBIPBench(["yubikey5", "yubikey4"])
        let bystander = try bench.importing("1-2")
        for round in 0..<3000 {
            let client = try bench.connect()
            var rest = mutated(Self.session, using: &generator)[...]
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...200, using: &generator))
                rest = rest.dropFirst(part.count)
                _ = bench.exchange(client, Array(part))
                #expect(bounded(bench, client), "round \(round)")
            }
            bench.server.disconnect(client)
            #expect(bench.server.exports[0].importer == nil, "round \(round)")
            let failures = bench.server.takeEvents().filter { if case .failed = $0 { true } else { false } }
            #expect(failures.count <= 1, "round \(round)")
        }
        try expectUnharmed(bench, bystander)
    }

    @Test func `random bytes after an import harm nobody`() throws {
        var generator = SeededGenerator(seed: 0x5241_4E44)
        let bench = try USBIPBench(["yubikey5", "yubikey4"])
        let bystander = try bench.importing("1-2")
        for _ in 0..<2000 {
            let client = try bench.importing()
            // Half of them begin as a submit or an unlink for the right device does.
            var noise = (0..<Int.random(in: 1...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) {
                let head: [UInt32] = [.random(in: 1...2, using: &generator), 7, 0x0001_0002, 1, 2, 0, 64, 0, 0]
                noise = head.flatMap(USBIPBench.big) + noise
            }
            _ = bench.exchange(client, noise)
            #expect(bounded(bench, client))
            bench.server.disconnect(client)
        }
        try expectUnharmed(bench, bystander)
    }

    @Test(arguments: [
        USBIPBench.Submit(isIn: false, endpoint: 2, length: 0xFFFF_FFFF),
        USBIPBench.Submit(endpoint: 2, length: 0x8000_0000), USBIPBench.Submit(endpoint: 2, length: 0x0010_0001),
        USBIPBench.Submit(endpoint: 2, length: 64, packets: 0x7FFF_FFFF),
        USBIPBench.Submit(endpoint: 0x8000_0002, length: 64), USBIPBench.Submit(device: 0, endpoint: 2, length: 64),
    ])
    func `absurd numbers end the connection before anything is kept`(submit: USBIPBench.Submit) throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        #expect(bench.exchange(client, submit.bytes) == [])
        #expect(bench.server.isOver(client))
        #expect(bench.server.connections[client]?.inbox == [])
        let events = bench.server.takeEvents()
        guard case .failed(client, _)? = events.dropLast().last, case .detached? = events.last else {
            Issue.record("\(events)")
            return
        }
    }

    @Test func `the longest transfer is taken, and no byte more is kept than it has`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        let length = USBIPSubmit.longestTransfer
        let data = [UInt8](repeating: 0, count: Int(length))
        let submit = USBIPBench.Submit(sequence: 1, isIn: false, endpoint: 2, length: length, data: data).bytes
        let reply = bench.exchange(client, submit)
        #expect(reply.prefix(28).suffix(8) == [0, 0, 0, 0, 0, 0x10, 0, 0])
        #expect(bench.server.connections[client]?.inbox == [])
    }

    @Test func `a sequence number may not be used while it is open`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        let submit = USBIPBench.Submit(sequence: 9, endpoint: 2, length: 64).bytes
        _ = bench.exchange(client, submit + submit)
        #expect(bench.server.isOver(client))
        #expect(bench.server.takeEvents().contains(.failed(client: client, USBIPError(.sequence(9), at: 4))))
    }

    @Test func `transfers that nobody answers are bounded`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        for number in 1...UInt32(USBIPServer.openTransferLimit) {
            _ = bench.exchange(client, USBIPBench.Submit(sequence: number, endpoint: 2, length: 64).bytes)
        }
        #expect(!bench.server.isOver(client))
        _ = bench.exchange(client, USBIPBench.Submit(sequence: 9999, endpoint: 2, length: 64).bytes)
        #expect(bench.server.isOver(client))
        #expect(bench.server.takeEvents().contains(.failed(client: client, USBIPError(.openTransfers, at: 0))))
    }

    @Test(arguments: [
        [0x01, 0x00, 0x80, 0x05, 0, 0, 0, 0], [0x01, 0x11, 0x80, 0x06, 0, 0, 0, 0],
        [0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0],
        Array("GET / HTTP/1.1\r\n".utf8),
    ])
    func `what is no request ends the connection`(message: [UInt8]) throws {
        let bench = try USBIPBench()
        let client = try bench.connect()
        #expect(bench.exchange(client, message) == [])
        #expect(bench.server.isOver(client))
        #expect(bench.server.takeEvents().count == 2)
    }
}
