import Foundation
import TestSupport
import Testing

/// `keyprov virtual serve` as a process, with sockets, signals and a client that is not ours in language or code.
@Suite struct USBIPServeTests {
    /// A client over a real socket, blocking.
    private final class Client {
        let descriptor: Int32

        init(port: UInt16) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(status == 0)
        }

        deinit { close() }

        private var isOpen = true
        func close() {
            if isOpen { Glibc.close(descriptor) }
            isOpen = false
        }

        func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

        /// Bytes up to `count`, fewer at the end of the stream.
        func receive(_ count: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < count {
                var part = [UInt8](repeating: 0, count: count - bytes.count)
                let got = recv(descriptor, &part, part.count, 0)
                guard got > 0 else { break }
                bytes += part.prefix(got)
            }
            return bytes
        }
    }

    private func port(_ line: String) throws -> UInt16 {
        let prefix = "listening on 127.0.0.1:"
        try #require(line.hasPrefix(prefix), "\(line)")
        return try #require(UInt16(line.dropFirst(prefix.count)))
    }

    private func runClient(_ address: String) throws -> [String] {
        let script = try #require(Bundle.module.url(forResource: "Vectors/usbip_client", withExtension: "py"))
        let python = try #require(OutsideProgram("python3"))
        return String(decoding: try python.run([script.path, address]), as: UTF8.self).split(separator: "\n").map(
            String.init)
    }

    private static let pythonResult = [
        "listed 2 1-1 1050:0407 speed 2 [(3, 1, 1, 0), (3, 0, 0, 0), (11, 0, 0, 0)]",
        "device 120100020000004050100704430501020001", "vendor request -32",
        "reset 3bfd1300008131fe158073c021c057597562694b657940", "select 7903 9000",
    ]

    @Test(.enabled(if: OutsideProgram.isInstalled("python3"), "python3 is not installed"))
    func `a client in Python powers a served key and selects its applet over TCP`() throws {
        let served = try ServedProcess(["--port", "0", "--count-transfers", "yubikey5", "yubikey4:other"])
        let address = "127.0.0.1:\(try port(try served.line()))"
        #expect(try runClient(address) == Self.pythonResult)
        // It can be imported again once its client has left.
        #expect(try runClient(address) == Self.pythonResult)
        #expect(try served.end() == 0)
        #expect(try served.line() == "count yubikey5 10 control 2 02 4 82 4")
        #expect(try served.line() == "count yubikey4:other 0 ")
        #expect(served.logText.contains("keyprov: client 2 imported yubikey5 (1-1)\n"))
        #expect(served.logText.contains("keyprov: client 2 detached yubikey5 (1-1)\n"))
    }

    @Test(.enabled(if: OutsideProgram.isInstalled("python3"), "python3 is not installed"))
    func `a unix socket is this user's alone, new, and goes with the server`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("kp-\(UUID().uuidString)").path
        let served = try ServedProcess(["--socket", path, "--json", "yubikey5", "yubikey4"])
        #expect(
            try served.line().hasPrefix(
                "{\"event\":\"listening\",\"address\":\"\(path)\",\"keys\":[{\"name\":\"yubikey5\",\"busID\":\"1-1\""))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try runClient(path) == Self.pythonResult)
        let second = try ServedProcess(["--socket", path, "yubikey5"])
        second.process.waitUntilExit()
        #expect(second.process.terminationStatus == 74)
        #expect(second.logText.contains("'\(path)' exists already"))
        served.process.terminate()
        served.process.waitUntilExit()
        #expect(served.process.terminationStatus == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `instructions are answered one by one`() throws {
        let served = try ServedProcess(["--port", "0", "--touch", "never", "yubikey5"])
        let port = try port(try served.line())
        for (line, answer) in [
            ("unplug yubikey5", "ok unplug yubikey5"), ("unplug other", "refused unplug other: no such key"),
            ("fault yubikey5 stall@0", "refused fault yubikey5 stall@0: no such instruction"),
            ("fault yubikey5 stall@1", "ok fault yubikey5 stall@1"), ("count", "count yubikey5 0 "),
            ("touch yubikey5 0.5", "ok touch yubikey5 0.5"), ("", "refused : no such instruction"),
        ] {
            try served.say(line)
            #expect(try served.line() == answer)
        }
        let gone = try Client(port: port)
        gone.send(USBIPBench.requestImport("1-1"))
        #expect(gone.receive(320) == [0x01, 0x11, 0x00, 0x03, 0, 0, 0, 4])
        try served.say("plug yubikey5")
        #expect(try served.line() == "ok plug yubikey5")
        let back = try Client(port: port)
        back.send(USBIPBench.requestImport("1-1"))
        #expect(back.receive(320).count == 320)
        let message = VirtualBench.message(0x65)
        let submit = USBIPBench.Submit(
            device: 0x0001_0003, isIn: false, endpoint: 2, length: UInt32(message.count), data: message)
        back.send(submit.bytes)
        #expect(back.receive(48).dropFirst(20).prefix(4) == [0xFF, 0xFF, 0xFF, 0xE0], "the planned stall")
        // A read is open while the key goes.
        back.send(USBIPBench.Submit(sequence: 2, device: 0x0001_0003, endpoint: 3, length: 8).bytes)
        #expect(back.receive(50).count == 50, "the slot change notice")
        back.send(USBIPBench.Submit(sequence: 3, device: 0x0001_0003, endpoint: 2, length: 64).bytes)
        back.send(
            USBIPBench.Submit(sequence: 4, device: 0x0001_0003, length: 18, setup: [0x80, 6, 0, 1, 0, 0, 18, 0]).bytes)
        #expect(back.receive(66).count == 66)
        try served.say("unplug yubikey5")
        #expect(try served.line() == "ok unplug yubikey5")
        let ended = back.receive(1000)
        #expect(ended.count == 48 && ended.dropFirst(4).prefix(4) == [0, 0, 0, 3])
        #expect(ended.dropFirst(20).prefix(4) == [0xFF, 0xFF, 0xFF, 0x94])
        try served.say("quit")
        #expect(try served.line() == "ok quit")
        served.process.waitUntilExit()
        #expect(served.process.terminationStatus == 0)
    }

    @Test func `a planned fault comes at its transfer, and the log says what crossed the bus`() throws {
        let served = try ServedProcess(["--port", "0", "--fault", "unplug-after@2", "--verbose", "yubikey5"])
        let client = try Client(port: try port(try served.line()))
        client.send(USBIPBench.requestImport("1-1"))
        #expect(client.receive(320).count == 320)
        let message = VirtualBench.message(0x65)
        client.send(USBIPBench.Submit(length: 18, setup: [0x80, 6, 0, 1, 0, 0, 18, 0]).bytes)
        #expect(client.receive(66).count == 66)
        client.send(
            USBIPBench.Submit(sequence: 2, isIn: false, endpoint: 2, length: UInt32(message.count), data: message).bytes
        )
        client.send(USBIPBench.Submit(sequence: 3, endpoint: 2, length: 64).bytes)
        let rest = client.receive(1000)
        #expect(rest.count == 96 && rest.suffix(28).prefix(4) == [0xFF, 0xFF, 0xFF, 0x94])
        #expect(try served.end() == 0)
        let lines = served.logText.split(separator: "\n").dropFirst().map { String($0.dropFirst("keyprov: ".count)) }
        #expect(
            lines == [
                "client 1 connected", "client 1 imported yubikey5 (1-1)", "usb: yubikey5: control, 18 bytes, status 0",
                "usb: yubikey5: 02, 10 bytes, status 0", "usb: yubikey5: 82, 0 bytes, status -108",
                "yubikey5 (1-1) unplugged", "client 1 detached yubikey5 (1-1)",
            ])
    }

    @Test func `what is changed on a served key is kept`() throws {
        let served = try ServedProcess(["--port", "0", "yubikey5"])
        let port = try port(try served.line())
        let client = try Client(port: port)
        client.send(USBIPBench.requestImport("1-1"))
        #expect(client.receive(320).count == 320)
        var sequence: UInt32 = 0
        func exchange(_ message: [UInt8]) -> [UInt8] {
            sequence += 2
            client.send(
                USBIPBench.Submit(
                    sequence: sequence, isIn: false, endpoint: 2, length: UInt32(message.count), data: message
                ).bytes)
            client.send(USBIPBench.Submit(sequence: sequence + 1, endpoint: 2, length: 4096).bytes)
            #expect(client.receive(48).count == 48)
            let head = client.receive(48)
            return client.receive(Int(USBIPBench.number(head[24..<28])))
        }
        _ = exchange(VirtualBench.message(0x62))
        _ = exchange(VirtualBench.message(0x6F, data: VirtualBench.selectOATH))
        let answer = exchange(VirtualBench.message(0x6F, data: VirtualBench.put("kept")))
        #expect(answer.suffix(2) == VirtualBench.ok)
        let file = served.folder.appendingPathComponent("virtual/yubikey5.json")
        #expect(try String(contentsOf: file, encoding: .utf8).contains(hex(Array("kept".utf8))))
        // Another process may not have the key meanwhile.
        let other = Process()
        other.executableURL = served.process.executableURL
        other.arguments = ["virtual", "reset", "yubikey5", "--state", served.folder.path]
        other.standardError = FileHandle.nullDevice
        try other.run()
        other.waitUntilExit()
        #expect(other.terminationStatus == 75)
    }

    @Test func `clients that come and go leave no descriptor behind`() throws {
        let served = try ServedProcess(["--port", "0", "--quiet", "yubikey5"])
        let port = try port(try served.line())
        let requests: [[UInt8]] = [
            USBIPBench.requestList, USBIPBench.requestImport("1-1"), USBIPBench.requestImport("9-9"), [0x01], [],
            Array("nonsense".utf8), USBIPBench.requestImport("1-1") + USBIPBench.Submit(endpoint: 2, length: 64).bytes,
        ]
        func settledCount() throws -> Int {
            // A whole question and answer later, everything before it is dealt with.
            try served.say("count")
            _ = try served.line()
            let last = try Client(port: port)
            last.send(USBIPBench.requestList)
            _ = last.receive(10_000)
            try served.say("count")
            _ = try served.line()
            return served.descriptorCount
        }
        let before = try settledCount()
        for round in 0..<300 {
            let client = try Client(port: port)
            client.send(requests[round % requests.count])
            if round.isMultiple(of: 2) { shutdown(client.descriptor, Int32(SHUT_WR)) }
            // Only the first three have an answer.
            if round % requests.count < 3, round.isMultiple(of: 3) { _ = client.receive(8) }
            client.close()
        }
        #expect(try settledCount() == before)
        #expect(try served.end() == 0)
    }
}
