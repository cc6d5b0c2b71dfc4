import ByteBuffers
import TestSupport
import Testing
import USBTransport

@testable import MockDevices

/// Report descriptors and the connection that finds its interface by them.
@Suite struct HIDReportTests {
    private static let function = HIDFeatureConnection.Function.bootKeyboard(featureLength: 8)

    // MARK: Descriptors

    @Test func `a YubiKey's keyboard has a feature report of eight bytes`() throws {
        let descriptor = try HIDReportDescriptor(parsing: HIDReports.otpKeyboard)
        #expect(descriptor.applications.map(\.usage) == [.keyboard])
        #expect(descriptor.reportLength(.feature, of: .keyboard) == 8)
        #expect(descriptor.reportLength(.input, of: .keyboard) == 8)
        #expect(descriptor.reportLength(.output, of: .keyboard) == 1)
        #expect(descriptor.reportLength(.feature, of: HIDUsage(page: 0xF1D0, id: 1)) == nil)
    }

    @Test func `a FIDO interface has reports of 64 bytes and no feature`() throws {
        let fido = HIDUsage(page: 0xF1D0, id: 1)
        let descriptor = try HIDReportDescriptor(parsing: HIDReports.fido)
        #expect(descriptor.applications.map(\.usage) == [fido])
        #expect(descriptor.reportLength(.input, of: fido) == 64)
        #expect(descriptor.reportLength(.output, of: fido) == 64)
        #expect(descriptor.reportLength(.feature, of: fido) == nil)
    }

    @Test func `saved globals, long items, nested collections and ids are understood`() throws {
        let bytes: [UInt8] = [
            0x0B, 0x06, 0x00, 0x01, 0x00,  // usage with its page in it
            0xA1, 0x01,
            0x75, 0x08, 0x95, 0x02, 0xA4, 0x95, 0x03,  // 8 bits, 2 times; saved; 3 times
            0xA1, 0x00, 0x09, 0x01, 0xB1, 0x02, 0xC0,  // feature of 3 bytes in a collection of its own
            0xFE, 0x02, 0x00, 0xAA, 0xBB,  // long item
            0xB4, 0xB1, 0x02,  // restored: 2 bytes more
            0x85, 0x07, 0xB1, 0x02,  // another report, with id 7
            0xC0,
        ]
        let descriptor = try HIDReportDescriptor(parsing: bytes)
        #expect(descriptor.reportLength(.feature, of: .keyboard) == 5)
    }

    @Test func `what the layout does not allow is named with its place`() {
        let cases: [([UInt8], DescriptorError)] = [
            ([0x05], DescriptorError(.truncated, at: 0)),
            ([0xA1, 0x01, 0xC0, 0xC0], DescriptorError(.misplaced(0xC0), at: 3)),
            ([0x05, 0x01, 0xB4], DescriptorError(.misplaced(0xB4), at: 2)),
            ([0x75, 0x08, 0x95, 0x01, 0xB1, 0x02], DescriptorError(.misplaced(0xB1), at: 4)),
            ([0xFE, 0x04, 0x00, 0x00], DescriptorError(.truncated, at: 0)),
            (
                [0xA1, 0x01, 0x77, 0xFF, 0xFF, 0xFF, 0xFF, 0x97, 0xFF, 0xFF, 0xFF, 0xFF, 0xB1, 0x02],
                DescriptorError(.wrongLength(0xB1), at: 12)
            ),
            (
                [0xA1, 0x01, 0x77, 0xFF, 0xFF, 0xFF, 0x7F, 0x95, 0x01, 0xB1, 0x02],
                DescriptorError(.wrongLength(0xB1), at: 9)
            ),
        ]
        for (bytes, error) in cases {
            #expect(throws: error, "\(hex(bytes))") { try HIDReportDescriptor(parsing: bytes) }
        }
    }

    @Test(arguments: [HIDReports.otpKeyboard, HIDReports.fido])
    func `a cut or changed descriptor is an error or a descriptor`(_ bytes: [UInt8]) {
        var generator = SeededGenerator(seed: 5)
        for end in bytes.indices { _ = try? HIDReportDescriptor(parsing: Array(bytes[..<end])) }
        for _ in 0..<2000 { _ = try? HIDReportDescriptor(parsing: mutated(bytes, using: &generator)) }
    }

    // MARK: Connection

    private func key() throws -> VirtualKey {
        VirtualKey(model: try #require(VirtualModel.named("yubikey5")), serial: 1)
    }

    private func connect(
        _ key: VirtualKey, _ function: HIDFeatureConnection.Function = function
    ) throws -> HIDFeatureConnection {
        try HIDFeatureConnection(
            device: key.open(), configuration: key.descriptors.configuration, function: function)
    }

    @Test func `the keyboard is claimed, talked to and given back`() throws {
        let key = try key()
        let connection = try connect(key)
        #expect(!key.kernelDriverAttached(0) && key.kernelDriverAttached(1))
        #expect(try connection.receive() == [0, 5, 4, 3, 0, 0, 0, 0])
        connection.close()
        #expect(key.kernelDriverAttached(0))
        #expect(throws: ConnectionError.self) { try connection.receive() }
        connection.close()
    }

    @Test func `a device without such an interface is closed again`() throws {
        let key = try key()
        for function in [
            HIDFeatureConnection.Function.bootKeyboard(featureLength: 64),
            HIDFeatureConnection.Function(usage: .keyboard, featureLength: 8, subclass: 1, protocolCode: 2),
            HIDFeatureConnection.Function(
                usage: HIDUsage(page: 1, id: 2), featureLength: 8, subclass: 1, protocolCode: 1),
        ] {
            #expect(throws: ConnectionError.noSuitableInterface) { try connect(key, function) }
            #expect(key.kernelDriverAttached(0))
        }
    }

    @Test func `a short report is an error`() throws {
        let key = try key()
        let connection = try connect(key)
        key.faults = FaultPlan(.short, atTransfer: key.transferCount + 1)
        #expect(throws: ConnectionError.malformed(.truncated)) { try connection.receive() }
        #expect(try connection.receive().count == 8)
    }

    @Test func `of a garbled or short report the key has what arrived`() throws {
        let bench = try SlotBench()
        for fault in [Fault.garbled, .short] {
            bench.key.faults = FaultPlan(fault, atTransfer: bench.key.transferCount + 3)
            _ = try? bench.send(0x01, SlotBench.record())
            bench.key.faults = .none
            bench.device.pause(for: .seconds(1))
            #expect(try bench.sequence == 0)
        }
        #expect(try bench.run(0x01, SlotBench.record())[4] == 1)
    }

    @Test func `other reports of the keyboard and those of other interfaces are stalled`() throws {
        let bench = try SlotBench()
        try bench.device.claimInterface(1)
        for (value, index) in [(0x0100, 0), (0x0301, 0), (0x0300, 1)] as [(UInt16, UInt16)] {
            let get = usbCode { () throws(USBError) in
                _ = try bench.device.request(0xA1, 0x01, value: value, index: index, length: 8)
            }
            let set = usbCode { () throws(USBError) in
                _ = try bench.device.request(
                    0x21, 0x09, value: value, index: index, data: [UInt8](repeating: 0, count: 8))
            }
            #expect(get == .stall && set == .stall)
        }
    }
}
