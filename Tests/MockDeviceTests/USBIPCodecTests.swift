import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// The messages against the capture in the kernel's documentation, and against anything else that may come.
@Suite struct USBIPCodecTests {
    private static func words(_ text: String) throws -> [UInt8] {
        try #require(bytes(hex: text.split(separator: " ").joined()))
    }

    @Test func `the interrupt transfers of the documentation read and write the same`() throws {
        let questions: [(String, isIn: Bool)] = [
            ("00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff 00000000 00000004", true),
            ("00000001 00000d06 0001000f 00000000 00000001 00000000 00000040 ffffffff 00000000 00000004", false),
        ]
        for (text, isIn) in questions {
            let message = try Self.words(text + " 00000000 00000000")
            let command = try USBIPCommand(parsing: message)
            guard case .submit(let submit) = command else {
                Issue.record("not a submit")
                continue
            }
            #expect(submit.header.isIn == isIn)
            #expect(submit.header.address == (isIn ? 0x81 : 0x01))
            #expect(submit.header.deviceID == 0x0001_000F)
            #expect(submit.bufferLength == 64 && submit.interval == 4 && submit.dataLength == (isIn ? 0 : 64))
            #expect(command.bytes == message)
        }
        let answer = try Self.words(
            "00000003 00000d05 00000000 00000000 00000000 00000000 00000040 ffffffff 00000000 00000000 00000000 00000000"
        )
        let data = [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0x00, 0x11, 0xA7] + [UInt8](repeating: 0, count: 56)
        let reply = try USBIPSubmitReply(parsing: answer + data, isIn: true)
        #expect(reply.sequence == 0xD05 && reply.status == .ok && reply.data == data)
        #expect(reply.bytes == answer + data)
        #expect(try USBIPSubmitReply(parsing: answer, isIn: false).bytes == answer)
    }

    // MARK: All messages

    /// A message that parses, and how.
    private struct Sample {
        let name: String
        let message: [UInt8]
        let parse: ([UInt8]) throws(USBIPError) -> [UInt8]
    }

    private static func samples() throws -> [Sample] {
        let model = try #require(VirtualModel.named("yubikey5"))
        let location = USBLocation(bus: 1, ports: [1])
        let entry = USBIPDeviceList.Entry(model.descriptors, at: location, address: 2)
        var header = USBIPHeader(.submit, sequence: 0x0102_0304)
        (header.deviceID, header.isIn, header.endpoint) = (0x0001_0002, true, 15)
        var submit = USBIPSubmit(header: header, bufferLength: 0x0001_0203)
        (submit.flags, submit.startFrame, submit.interval) = (0x201, 5, 6)
        submit.setup = [0x80, 6, 0, 1, 0, 0, 18, 0]
        var unlink = USBIPHeader(.unlink, sequence: 9)
        unlink.deviceID = 0x0001_0002
        return [
            Sample(name: "operation", message: USBIPOperationHeader(.requestDeviceList).bytes) {
                bytes throws(USBIPError) in try USBIPOperationHeader(parsing: bytes).bytes
            },
            Sample(name: "import", message: USBIPImportRequest(busID: "1-1").bytes) {
                bytes throws(USBIPError) in try USBIPImportRequest(parsing: bytes).bytes
            },
            Sample(name: "list", message: USBIPDeviceList([entry, entry]).bytes) {
                bytes throws(USBIPError) in try USBIPDeviceList(parsing: bytes).bytes
            },
            Sample(name: "imported", message: USBIPImportReply.imported(entry.device).bytes) {
                bytes throws(USBIPError) in try USBIPImportReply(parsing: bytes).bytes
            },
            Sample(name: "refused", message: USBIPImportReply.refused(.deviceBusy).bytes) {
                bytes throws(USBIPError) in try USBIPImportReply(parsing: bytes).bytes
            },
            Sample(name: "submit", message: submit.bytes) {
                bytes throws(USBIPError) in try USBIPCommand(parsing: bytes).bytes
            },
            Sample(name: "unlink", message: USBIPUnlink(header: unlink, target: 8).bytes) {
                bytes throws(USBIPError) in try USBIPCommand(parsing: bytes).bytes
            },
            Sample(name: "received", message: USBIPSubmitReply(submit, .short, received: [1, 2, 3]).bytes) {
                bytes throws(USBIPError) in try USBIPSubmitReply(parsing: bytes, isIn: true).bytes
            },
            Sample(name: "unlinked", message: USBIPUnlinkReply(sequence: 9, .unlinked).bytes) {
                bytes throws(USBIPError) in try USBIPUnlinkReply(parsing: bytes).bytes
            },
        ]
    }

    @Test func `every message reads and writes the same`() throws {
        for sample in try Self.samples() {
            #expect(try sample.parse(sample.message) == sample.message, "\(sample.name)")
        }
    }

    @Test func `a message that ends early or late is an error that says where`() throws {
        for sample in try Self.samples() {
            for count in sample.message.indices {
                do throws(USBIPError) {
                    _ = try sample.parse(Array(sample.message.prefix(count)))
                    Issue.record("\(sample.name), \(count) bytes")
                } catch {
                    guard case .truncated = error.reason else {
                        Issue.record("\(sample.name), \(count) bytes: \(error)")
                        continue
                    }
                }
            }
            #expect(throws: USBIPError.self, "\(sample.name)") { try sample.parse(sample.message + [0]) }
        }
    }

    /// What parses all the same means what its bytes say: written again it is what was read. Only the padding of an
    /// unlink, which nobody looks at, comes out as zeros.
    @Test func `a damaged message is an error or reads as what it is`() throws {
        var generator = SeededGenerator(seed: 0x5553_4249)
        for sample in try Self.samples() {
            for round in 0..<2000 {
                let damaged = mutated(sample.message, using: &generator)
                guard let written = try? sample.parse(damaged) else { continue }
                let compared = sample.name == "unlink" && written.first == damaged.first ? 24 : damaged.count
                #expect(written.prefix(compared) == damaged.prefix(compared), "\(sample.name), round \(round)")
            }
        }
    }

    @Test func `numbers that nothing has are refused where they stand`() throws {
        var submit = USBIPBench.Submit()
        submit.endpoint = 16
        #expect(throws: USBIPError(.endpoint(16), at: 16)) { try USBIPCommand(parsing: submit.bytes) }
        submit = USBIPBench.Submit(length: 0xFFFF_FFFF)
        #expect(throws: USBIPError(.length(0xFFFF_FFFF), at: 24)) { try USBIPCommand(parsing: submit.bytes) }
        submit = USBIPBench.Submit(packets: 1)
        #expect(throws: USBIPError(.isochronous(packets: 1), at: 32)) { try USBIPCommand(parsing: submit.bytes) }
        var other = USBIPBench.Submit().bytes
        other[15] = 2
        #expect(throws: USBIPError(.direction(2), at: 12)) { try USBIPCommand(parsing: other) }
        other = USBIPBench.Submit().bytes
        other[3] = 3
        #expect(throws: USBIPError(.command(3), at: 0)) { try USBIPCommand(parsing: other) }
        #expect(throws: USBIPError(.version(0x0110), at: 0)) {
            try USBIPOperationHeader(parsing: [0x01, 0x10, 0x80, 0x05, 0, 0, 0, 0])
        }
        let open = [UInt8](repeating: UInt8(ascii: "1"), count: 32)
        #expect(throws: USBIPError(.text, at: 8)) {
            try USBIPImportRequest(parsing: [0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0] + open)
        }
    }
}
