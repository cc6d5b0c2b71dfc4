import ByteBuffers
import Testing
import USBTransport

@Suite struct TransferLogTests {
    private static let setReport = ControlSetup(requestType: 0x21, request: 9, value: 0x0300, index: 1, length: 4)
    private static let getReport = ControlSetup(requestType: 0xA1, request: 1, value: 0x0300, index: 1, length: 8)
    private static let secret: [UInt8] = [0xB5, 0xC7, 0xE9, 0xD3]

    @Test func `each call is one line of lengths`() throws {
        #expect(
            try lines(of: Key(answering: Self.secret)) == [
                "claim 1", "control 0x09 0x0300 0x0001 out 4 bytes", "control 0x01 0x0300 0x0001 in 4 bytes of 8",
                "out 0x02 4 bytes", "in 0x82 4 bytes of 3136", "close",
            ])
    }

    @Test func `a failed call shows its code and still throws`() throws {
        #expect(
            try lines(of: Key(failing: .timeout)) == [
                "claim 1 timeout", "control 0x09 0x0300 0x0001 out timeout", "control 0x01 0x0300 0x0001 in timeout",
                "out 0x02 timeout", "in 0x82 timeout", "close",
            ])
        #expect(try lines(of: Key(failing: .init(rawValue: -42)))[4] == "in 0x82 error -42")
    }

    @Test func `no byte of the data is in a record`() throws {
        var shown = ""
        try run(Key(answering: Self.secret)) { record in
            #expect(record.bytes == nil)
            dump(record, to: &shown)
            shown += record.description + String(reflecting: record)
        }
        try run(Key(failing: .stall)) { record in
            dump(record, to: &shown)
            shown += record.description
        }
        for byte in Self.secret {
            #expect(!shown.contains(String(byte)), "\(byte)")
            #expect(!shown.lowercased().contains(String(byte, radix: 16)), "\(byte)")
        }
    }

    @Test func `the data is there when asked for`() throws {
        #expect(
            try lines(of: Key(answering: [1, 2]), includingBytes: true) == [
                "claim 1", "control 0x09 0x0300 0x0001 out 4 bytes b5c7e9d3",
                "control 0x01 0x0300 0x0001 in 2 bytes of 8 0102",
                "out 0x02 4 bytes b5c7e9d3", "in 0x82 2 bytes of 3136 0102", "close",
            ])
        #expect(try lines(of: Key(failing: .stall), includingBytes: true)[3] == "out 0x02 stall b5c7e9d3")
    }

    @Test func `pauses reach the device`() {
        let key = Key(answering: [])
        LoggingDevice(key) { _ in }.pause(for: .milliseconds(7))
        #expect(key.paused == .milliseconds(7))
    }

    private func lines(of key: Key, includingBytes: Bool = false) throws -> [String] {
        var lines: [String] = []
        try run(key, includingBytes: includingBytes) { lines.append($0.description) }
        return lines
    }

    /// Makes each call once and expects of each what the key does.
    private func run(_ key: Key, includingBytes: Bool = false, log: @escaping (TransferRecord) -> Void) throws {
        let device = LoggingDevice(key, includingBytes: includingBytes, log: log)
        let out = WipedBuffer(Self.secret)
        expect(key) { () throws(USBError) in
            try device.claimInterface(1)
            return key.answer
        }
        expect(key) { () throws(USBError) in
            try out.withBytes { data throws(USBError) in
                try device.control(Self.setReport, data: data, timeout: .seconds(1)) + key.answer
            }
        }
        expect(key) { () throws(USBError) in
            try device.control(Self.getReport, data: RawSpan(), timeout: .seconds(1))
        }
        expect(key) { () throws(USBError) in
            try out.withBytes { data throws(USBError) in try device.write(data, to: 0x02, timeout: .seconds(1)) }
            return key.answer
        }
        expect(key) { () throws(USBError) in try device.read(upTo: 3136, from: 0x82, timeout: .seconds(1)) }
        device.close()
        #expect(key.isClosed)
    }

    private func expect(_ key: Key, _ call: () throws(USBError) -> [UInt8]) {
        do throws(USBError) {
            let answer = try call()
            #expect(key.failure == nil)
            #expect(answer == key.answer)
        } catch {
            #expect(error.code == key.failure)
        }
    }
}

/// Gives one answer to every read, or fails every call.
private final class Key: USBDevice {
    let answer: [UInt8]
    let failure: USBError.Code?
    private(set) var isClosed = false
    private(set) var paused = Duration.zero

    init(answering answer: [UInt8]) {
        self.answer = answer
        failure = nil
    }

    init(failing code: USBError.Code) {
        answer = []
        failure = code
    }

    func claimInterface(_ number: UInt8) throws(USBError) { try check(.claim(interface: number)) }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        try check(.control(request: setup.request))
        return setup.isIn ? answer : []
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        try check(.write(endpoint: endpoint))
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        try check(.read(endpoint: endpoint))
        return answer
    }

    func pause(for duration: Duration) { paused += duration }
    func close() { isClosed = true }

    private func check(_ operation: USBError.Operation) throws(USBError) {
        if let failure { throw USBError(failure, during: operation) }
    }
}
