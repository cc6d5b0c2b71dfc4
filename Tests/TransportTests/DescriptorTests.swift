import TestSupport
import Testing
import USBTransport

@Suite struct DescriptorTests {
    @Test func `a CanoKey describes three interfaces`() throws {
        let device = try DeviceDescriptor(parsing: DescriptorVector.canoKey.device)
        #expect(device.id.description == "20a0:42d4")
        #expect(device.usbVersion == 0x0210)
        #expect(device.deviceVersion == 0x0100)
        #expect([device.manufacturerIndex, device.productIndex, device.serialIndex] == [1, 2, 3])
        #expect(device.configurationCount == 1)

        let configuration = try ConfigurationDescriptor(parsing: DescriptorVector.canoKey.configuration)
        #expect(configuration.value == 1)
        #expect(configuration.maxPower == 100)
        #expect(configuration.interfaces.map(\.number) == [0, 1, 2])
        #expect(configuration.interfaces.map(\.interfaceClass) == [.hid, .vendorSpecific, .smartCard])
        #expect(configuration.interfaces.map(\.nameIndex) == [16, 18, 17])
        #expect(configuration.interfaces.map { $0.endpoints.map(\.address) } == [[0x81, 0x01], [], [0x82, 0x02]])
        #expect(configuration.interfaces[0].hid?.reportDescriptorLength == 34)

        let reader = configuration.interfaces[2]
        #expect(reader.endpoint(.bulk, in: .in)?.maxPacketSize == 64)
        #expect(reader.endpoint(.bulk, in: .out)?.address == 0x02)
        #expect(reader.endpoint(.interrupt, in: .in) == nil)
        let ccid = try #require(reader.ccid)
        #expect(ccid.version == 0x0110)
        #expect(ccid.protocols == 2)
        #expect(ccid.exchangeLevel == .extendedAPDU)
        #expect(ccid.maxIFSD == 1342)
        #expect(ccid.maxMessageLength == 1352)
    }

    @Test func `a YubiKey has a keyboard and an interrupt endpoint beside its bulk pair`() throws {
        let device = try DeviceDescriptor(parsing: DescriptorVector.yubiKey.device)
        #expect(device.id == USBID(vendor: 0x1050, product: 0x0407))
        #expect(device.deviceVersion == 0x0543)
        #expect(device.serialIndex == 0)

        let interfaces = try ConfigurationDescriptor(parsing: DescriptorVector.yubiKey.configuration).interfaces
        #expect(interfaces.map(\.interfaceClass) == [.hid, .hid, .smartCard])
        #expect((interfaces[0].interfaceSubclass, interfaces[0].interfaceProtocol) == (1, 1))
        #expect(interfaces[0].endpoint(.interrupt, in: .in)?.interval == 10)
        #expect(interfaces[1].endpoint(.interrupt, in: .out)?.address == 0x04)
        #expect(interfaces[2].endpoint(.interrupt, in: .in)?.address == 0x83)
        #expect(interfaces[2].ccid?.maxMessageLength == 3072)
    }

    @Test func `interface associations do not disturb the interfaces behind them`() throws {
        let interfaces = try ConfigurationDescriptor(parsing: DescriptorVector.nitrokey3.configuration).interfaces
        #expect(interfaces.map(\.interfaceClass) == [.smartCard, .hid])
        #expect(interfaces.map(\.endpoints.count) == [2, 2])
        #expect(interfaces[0].ccid?.maxIFSD == 254)
        #expect(interfaces[1].hid?.version == 0x0111)
    }

    @Test func `alternate settings are interfaces of their own`() throws {
        let interfaces = try ConfigurationDescriptor(parsing: DescriptorVector.odd.configuration).interfaces
        #expect(interfaces.map(\.number) == [0, 0, 3])
        #expect(interfaces.map(\.alternateSetting) == [0, 1, 0])
        #expect(interfaces.map { $0.endpoints.map(\.maxPacketSize) } == [[], [512], [8]])
    }

    @Test(arguments: DescriptorVector.all)
    func `cut off anywhere, a descriptor is an error`(vector: DescriptorVector) {
        for length in 0..<vector.device.count {
            #expect(throws: DescriptorError.self) { try DeviceDescriptor(parsing: Array(vector.device[..<length])) }
        }
        for length in 0..<vector.configuration.count {
            #expect(throws: DescriptorError.self) {
                try ConfigurationDescriptor(parsing: Array(vector.configuration[..<length]))
            }
        }
    }

    @Test(arguments: DescriptorVector.all)
    func `a set whose total length ends within a descriptor is an error there`(vector: DescriptorVector) {
        var starts: Set<Int> = []
        var start = 0
        while start < vector.configuration.count {
            starts.insert(start)
            start += Int(vector.configuration[start])
        }
        for length in 9..<vector.configuration.count {
            var bytes = vector.configuration
            bytes[2...3] = [UInt8(length), 0]
            if starts.contains(length) {
                #expect(throws: Never.self) { try ConfigurationDescriptor(parsing: bytes) }
            } else {
                let broken = starts.filter { $0 < length }.max() ?? 0
                #expect(throws: DescriptorError(.truncated, at: broken)) { try ConfigurationDescriptor(parsing: bytes) }
            }
        }
    }

    @Test(arguments: DescriptorVector.all)
    func `mutated descriptors give a value or an error inside of the bytes`(vector: DescriptorVector) {
        var generator = SeededGenerator(seed: 0x05B)
        for _ in 0..<10_000 {
            let bytes = mutated(vector.configuration, using: &generator)
            do throws(DescriptorError) {
                let interfaces = try ConfigurationDescriptor(parsing: bytes).interfaces
                #expect(interfaces.count + interfaces.map(\.endpoints.count).reduce(0, +) <= bytes.count / 7)
            } catch {
                #expect(0...bytes.count ~= error.offset)
            }
            _ = try? DeviceDescriptor(parsing: mutated(vector.device, using: &generator))
        }
    }

    @Test(arguments: DescriptorVector.all)
    func `bytes behind the total length are not looked at`(vector: DescriptorVector) throws {
        let expected = try ConfigurationDescriptor(parsing: vector.configuration)
        for tail in [[0], [9, 4, 7, 0, 0, 3, 0, 0, 0], [UInt8](repeating: 0xFF, count: 32)] as [[UInt8]] {
            #expect(try ConfigurationDescriptor(parsing: vector.configuration + tail) == expected)
        }
    }

    @Test func `bytes behind a device descriptor are an error`() {
        #expect(throws: DescriptorError(.misplaced(0x09), at: 18)) {
            try DeviceDescriptor(parsing: DescriptorVector.canoKey.device + [0x09])
        }
    }

    @Test(
        arguments: [
            (0x0000_00FE, CCIDDescriptor.ExchangeLevel.character), (0x0001_04F2, .tpdu), (0x0002_0842, .shortAPDU),
            (0x0004_0840, .extendedAPDU), (0x0007_0000, .character),
        ] as [(UInt32, CCIDDescriptor.ExchangeLevel)])
    func `the feature bits tell the level of exchange`(
        features: UInt32, level: CCIDDescriptor.ExchangeLevel
    ) throws {
        var bytes = DescriptorVector.canoKey.configuration
        let ccid = 59
        try #require(bytes[ccid...(ccid + 1)] == [54, 0x21])
        bytes.replaceSubrange(ccid + 40..<ccid + 44, with: withUnsafeBytes(of: features.littleEndian) { Array($0) })
        #expect(try ConfigurationDescriptor(parsing: bytes).interfaces[2].ccid?.exchangeLevel == level)
    }

    @Test func `each kind of fault has its own code and place`() {
        expect(.misplaced(5), at: 9, in: [7, 5, 0x81, 3, 8, 0, 10])
        expect(.misplaced(0x21), at: 9, in: [9, 0x21, 0x11, 1, 0, 1, 0x22, 34, 0])
        expect(.wrongLength(0), at: 9, in: [0, 4])
        expect(.wrongLength(1), at: 9, in: [1, 4, 0])
        expect(.wrongLength(8), at: 9, in: [8, 4, 0, 0, 0, 3, 0, 0])
        expect(.wrongType(0x23), at: 18, in: [9, 4, 0, 0, 0, 3, 0, 0, 0, 9, 0x21, 0x11, 1, 0, 1, 0x23, 34, 0])
        expect(.wrongLength(53), at: 18, in: [9, 4, 0, 0, 0, 11, 0, 0, 0, 53, 0x21] + [UInt8](repeating: 0, count: 51))
        expect(.wrongLength(6), at: 18, in: [9, 4, 0, 0, 1, 3, 0, 0, 0, 6, 5, 0x81, 3, 8, 0])
        #expect(throws: DescriptorError(.wrongType(1), at: 0)) {
            try ConfigurationDescriptor(parsing: DescriptorVector.canoKey.device)
        }
        #expect(throws: DescriptorError(.truncated, at: 0)) {
            try ConfigurationDescriptor(parsing: [9, 2, 8, 0, 0, 1, 0, 0x80, 50])
        }
    }

    /// Parses a set of a good configuration header and `rest`.
    private func expect(
        _ code: DescriptorError.Code, at offset: Int, in rest: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: DescriptorError(code, at: offset), sourceLocation: sourceLocation) {
            try ConfigurationDescriptor(parsing: [9, 2, UInt8(9 + rest.count), 0, 1, 1, 0, 0x80, 50] + rest)
        }
    }
}
