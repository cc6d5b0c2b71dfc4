import TestSupport
import Testing

@testable import MockDevices

/// The server as its clients meet it: the list, the import, and who has what.
@Suite struct USBIPServerTests {
    /// The 312 bytes that describe the key at a bus id, written down from the table in the documentation.
    private static func device(_ busID: String, address: UInt8, product: [UInt8] = [0x04, 0x07], release: [UInt8])
        -> [UInt8]
    {
        USBIPBench.field("/sys/devices/virtual/keyprov/usb1/\(busID)", 256) + USBIPBench.field(busID, 32)
            + [0, 0, 0, 1, 0, 0, 0, address, 0, 0, 0, 2, 0x10, 0x50] + product + release
            + [0, 0, 0, 1, 1, 3]
    }

    @Test func `the list is what the documentation lays out`() throws {
        let bench = try USBIPBench(["yubikey5", "yubikeyneo"])
        let client = try bench.connect()
        let interfaces: [UInt8] = [3, 1, 1, 0, 3, 0, 0, 0, 0x0B, 0, 0, 0]
        let expected =
            [0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0, 0, 0, 0, 2]
            + Self.device("1-1", address: 2, release: [0x05, 0x43]) + interfaces
            + Self.device("1-2", address: 3, product: [0x01, 0x16], release: [0x03, 0x49]) + interfaces
        let got = bench.exchange(client, USBIPBench.requestList)
        #expect(got == expected, "\(difference(expected: expected, got: got))")
        #expect(bench.server.isOver(client), "the server closes after the list")
        #expect(bench.server.takeEvents() == [.connected(client: 1), .listed(client: 1)])
    }

    @Test func `an import is what the documentation lays out`() throws {
        let bench = try USBIPBench()
        let client = try bench.connect()
        let expected = [0x01, 0x11, 0x00, 0x03, 0, 0, 0, 0] + Self.device("1-1", address: 2, release: [0x05, 0x43])
        let got = bench.exchange(client, USBIPBench.requestImport("1-1"))
        #expect(got == expected, "\(difference(expected: expected, got: got))")
        #expect(!bench.server.isOver(client))
    }

    @Test func `a request may come byte by byte`() throws {
        let bench = try USBIPBench()
        let client = try bench.connect()
        let request = USBIPBench.requestImport("1-1")
        for byte in request.dropLast() { #expect(bench.exchange(client, [byte]) == []) }
        #expect(bench.exchange(client, request.suffix(1)).count == 320)
    }

    @Test func `a key belongs to one client until that one leaves`() throws {
        let bench = try USBIPBench()
        let first = try bench.importing()
        let second = try bench.connect()
        #expect(bench.exchange(second, USBIPBench.requestImport("1-1")) == [0x01, 0x11, 0x00, 0x03, 0, 0, 0, 2])
        #expect(bench.server.isOver(second))
        let third = try bench.connect()
        #expect(bench.exchange(third, USBIPBench.requestList) == [0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0, 0, 0, 0, 0])
        bench.server.endOfInput(from: first)
        #expect(bench.server.isOver(first))
        _ = try bench.importing()
        #expect(
            bench.server.takeEvents() == [
                .connected(client: 1), .imported(client: 1, key: "key1", busID: "1-1"), .connected(client: 2),
                .refused(client: 2, busID: "1-1", .deviceBusy), .connected(client: 3), .listed(client: 3),
                .detached(client: 1, key: "key1", busID: "1-1", openTransfers: 0), .connected(client: 4),
                .imported(client: 4, key: "key1", busID: "1-1"),
            ])
    }

    @Test(arguments: ["1-2", "2-1", "", "1-1.1", "11"])
    func `a bus id that is not there is refused`(busID: String) throws {
        let bench = try USBIPBench()
        let client = try bench.connect()
        #expect(bench.exchange(client, USBIPBench.requestImport(busID)) == [0x01, 0x11, 0x00, 0x03, 0, 0, 0, 4])
        #expect(bench.server.isOver(client))
    }

    @Test func `two clients with a key each do not see each other`() throws {
        let bench = try USBIPBench(["yubikey5", "yubikey4"])
        let (first, second) = (try bench.importing("1-1"), try bench.importing("1-2"))
        try bench.sendCommand(first, 0x62)
        let other = try bench.write(second, 2, VirtualBench.message(0x62), device: 0x0001_0003)
        #expect(other?.status == 0)
        let reset5 = try #require(try bench.read(first, 2)).data
        let reset4 = try #require(try bench.read(second, 2, device: 0x0001_0003)).data
        #expect(String(decoding: reset5.suffix(8).prefix(7), as: UTF8.self) == "YubiKey")
        #expect(String(decoding: reset4.suffix(9).prefix(8), as: UTF8.self) == "Yubikey4")
        // A message for the other one's device ends its sender only.
        _ = try bench.read(first, 2, device: 0x0001_0003)
        #expect(bench.server.isOver(first))
        #expect(!bench.server.isOver(second))
        #expect(try bench.write(second, 2, VirtualBench.message(0x65), device: 0x0001_0003)?.status == 0)
    }

    @Test func `the next importer finds the key as after a reset`() throws {
        let bench = try USBIPBench()
        let first = try bench.importing()
        try bench.sendCommand(first, 0x62)
        // Its answer is left in the key, which is powered on.
        bench.server.disconnect(first)
        let second = try bench.importing()
        try bench.sendCommand(second, 0x65)
        #expect(try bench.read(second, 2)?.data == [0x81, 0, 0, 0, 0, 0, 0, 0x01, 0, 0])
    }

    // MARK: Plugging

    @Test func `an unplugged key ends what is open and its connection`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        #expect(try bench.read(client, 2) == nil)
        #expect(try bench.read(client, 1) == nil)
        #expect(try bench.read(client, 2) == nil)
        bench.key.unplug()
        bench.server.serve()
        let replies = try USBIPBench.replies(bench.take(client)) { _ in true }
        #expect(replies.map(\.sequence) == [1, 2, 3])
        #expect(replies.allSatisfy { $0.status == USBIPBench.shutDown && $0.data.isEmpty })
        #expect(bench.server.isOver(client))
        let events = bench.server.takeEvents().suffix(2)
        #expect(
            Array(events) == [
                .unplugged(key: "key1", busID: "1-1"),
                .detached(client: 1, key: "key1", busID: "1-1", openTransfers: 0),
            ])
    }

    @Test func `a key that comes back has another number`() throws {
        let bench = try USBIPBench(["yubikey5", "yubikey4"])
        bench.key.unplug()
        bench.server.serve()
        let client = try bench.connect()
        #expect(bench.exchange(client, USBIPBench.requestImport("1-1")).suffix(4) == [0, 0, 0, 4])
        let list = try bench.connect()
        #expect(bench.exchange(list, USBIPBench.requestList).count == 12 + 312 + 12)
        bench.key.plug()
        bench.server.serve()
        let again = try bench.connect()
        let reply = bench.exchange(again, USBIPBench.requestImport("1-1"))
        #expect(Array(reply[8 + 292..<8 + 296]) == [0, 0, 0, 4])
        #expect(try bench.read(again, 2, device: 0x0001_0004) == nil)
        // The old number is nobody's now.
        _ = try bench.read(again, 2)
        #expect(bench.server.takeEvents().last == .detached(client: 3, key: "key1", busID: "1-1", openTransfers: 1))
    }

    @Test func `out and in again between two looks is noticed`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        bench.key.unplug()
        bench.key.plug()
        bench.server.serve()
        #expect(bench.server.isOver(client))
    }

    // MARK: Bounds

    @Test func `a client that says nothing is let go`() throws {
        let bench = try USBIPBench()
        let (silent, slow, busy) = (try bench.connect(), try bench.connect(), try bench.importing())
        bench.server.receive([0x01], from: slow)
        #expect(bench.server.timeUntilNextEvent == .seconds(10))
        bench.server.advance(by: .seconds(10))
        #expect(bench.server.isOver(silent) && bench.server.isOver(slow))
        #expect(!bench.server.isOver(busy), "an importer may be silent for as long as it likes")
        #expect(
            Set(bench.server.takeEvents().suffix(2)) == [
                .failed(client: 1, USBIPError(.silence, at: 0)), .failed(client: 2, USBIPError(.silence, at: 1)),
            ])
    }

    @Test func `a client that does not take its answers is let go`() throws {
        let bench = try USBIPBench()
        let client = try bench.connect()
        bench.server.receive(USBIPBench.requestList, from: client)
        #expect(!bench.server.isOver(client), "there is something to send")
        bench.server.advance(by: .seconds(10))
        #expect(bench.server.isOver(client))
    }

    @Test func `a client that reads no answers is not read from`() throws {
        let bench = try USBIPBench()
        let client = try bench.importing()
        let submit = USBIPBench.Submit(length: 512, setup: [0x80, 6, 0, 2, 0, 0, 0, 2]).bytes
        var sent = 0
        while bench.server.wantsInput(client), sent < 10_000 {
            bench.server.receive(submit, from: client)
            sent += 1
        }
        #expect(sent == USBIPServer.outputLimit / (48 + 150) + 1)
        _ = bench.take(client)
        #expect(bench.server.wantsInput(client))
    }

    @Test func `more clients than there is room for are turned away`() throws {
        let bench = try USBIPBench()
        for _ in 0..<USBIPServer.clientLimit { _ = try bench.connect() }
        #expect(bench.server.connect() == nil)
        bench.server.disconnect(1)
        #expect(bench.server.connect() != nil)
    }
}
