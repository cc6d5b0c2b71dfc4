import Testing
import USBTransport

@testable import MockDevices

/// Opening, claiming, control requests, endpoints and the host: what is between a program and the card.
@Suite struct VirtualBusTests {
    private func makeKey(_ model: String = "yubikey5") throws -> VirtualKey {
        VirtualKey(model: try #require(VirtualModel.named(model)), serial: 1, random: ScriptedRandom())
    }

    // MARK: Descriptors

    @Test(arguments: ["yubikey5", "yubikey57", "yubikey4", "yubikeyneo"])
    func `the descriptors say what the profile says`(name: String) throws {
        let model = try #require(VirtualModel.named(name))
        let set = model.descriptors
        #expect(set.device.id == USBID(vendor: 0x1050, product: name == "yubikeyneo" ? 0x0116 : 0x0407))
        let firmware = model.firmware
        #expect(set.device.deviceVersion == firmware.deviceVersion)
        #expect(set.configuration.interfaces.map(\.number) == [0, 1, 2])
        #expect(set.configuration.interfaces.map(\.interfaceClass) == [.hid, .hid, .smartCard])
        #expect(set.configuration.maxPower == 30)
        // wTotalLength of the real keys, as `lsusb` prints it.
        #expect(set.configurationBytes.count == 150)
        let ccid = try #require(set.configuration.interfaces[2].ccid)
        #expect(ccid.exchangeLevel == .extendedAPDU)
        let reader = try #require(model.profile.ccid)
        #expect(ccid.maxMessageLength == reader.maxMessageLength)
        #expect(ccid.maxIFSD == reader.maxIFSD)
        #expect(set.configuration.interfaces[0].hid?.reportDescriptorLength == 71)
        #expect(set.configuration.interfaces[1].hid?.reportDescriptorLength == 34)
        #expect(set.configuration.interfaces[2].endpoints.map(\.address) == [0x02, 0x82, 0x83])
        let reset = reader.answerToReset
        #expect(reset.dropFirst().reduce(0, ^) == 0, "TCK")
    }

    @Test func `all models are there, each under its name`() {
        #expect(VirtualModel.yubiKeys.map(\.name) == ["yubikey5", "yubikey57", "yubikey4", "yubikeyneo"])
        #expect(VirtualModel.yubiKeys.map(\.firmware.description) == ["5.4.3", "5.7.1", "4.3.5", "3.4.9"])
        #expect(VirtualModel.named("yubikey9") == nil)
    }

    @Test func `standard requests are answered and cut to the length asked for`() throws {
        let key = try makeKey()
        let device = try key.open()
        #expect(try device.request(0x80, 6, value: 0x0100, length: 18) == key.descriptors.deviceBytes)
        #expect(
            try device.request(0x80, 6, value: 0x0200, length: 9) == Array(key.descriptors.configurationBytes.prefix(9))
        )
        #expect(try device.request(0x80, 6, value: 0x0200, length: 512) == key.descriptors.configurationBytes)
        #expect(try device.request(0x80, 6, value: 0x0300, length: 255) == [4, 3, 0x09, 0x04])
        #expect(try device.string(at: 1) == "Yubico")
        #expect(try device.string(at: 2) == "YubiKey OTP+FIDO+CCID")
        #expect(try device.request(0x80, 8, length: 1) == [1])
        #expect(try device.request(0x80, 0, length: 2) == [0, 0])
    }

    @Test func `what a key does not know it stalls`() throws {
        let device = try makeKey().open()
        #expect(usbCode { () throws(USBError) in _ = try device.string(at: 3) } == .stall)
        let requests: [(UInt8, UInt8, UInt16)] = [
            (0x80, 6, 0x0600), (0x80, 6, 0x0201), (0x00, 5, 7), (0x00, 9, 2), (0xC0, 1, 0), (0x40, 1, 0), (0x80, 99, 0),
        ]
        for (type, request, value) in requests {
            let code = usbCode { () throws(USBError) in
                _ = try device.request(type, request, value: value, length: type & 0x80 == 0 ? 0 : 64)
            }
            #expect(code == .stall, "\(type) \(request)")
        }
    }

    @Test func `the report descriptor takes the claim of its interface`() throws {
        let key = try makeKey()
        let device = try key.open()
        let read = { () throws(USBError) -> [UInt8] in
            try device.request(0x81, 6, value: 0x2200, index: 0, length: 255)
        }
        #expect(usbCode { () throws(USBError) in _ = try read() } == .io)
        try device.claimInterface(0)
        #expect(try read() == HIDReports.otpKeyboard)
    }

    // MARK: Claims

    @Test func `an interface belongs to one handle until it closes`() throws {
        let key = try makeKey()
        let (first, second) = (try key.open(), try key.open())
        try first.claimInterface(2)
        try first.claimInterface(2)
        #expect(usbCode { () throws(USBError) in try second.claimInterface(2) } == .busy)
        try second.claimInterface(1)
        first.close()
        try second.claimInterface(2)
        #expect(usbCode { () throws(USBError) in try first.claimInterface(0) } == .noDevice)
        #expect(usbCode { () throws(USBError) in _ = try first.request(0x80, 8, length: 1) } == .noDevice)
        first.close()
    }

    @Test func `a handle that is let go gives its interfaces back`() throws {
        let key = try makeKey()
        do {
            let device = try key.open()
            try device.claimInterface(2)
        }
        try key.open().claimInterface(2)
    }

    @Test func `pcscd, missing permission and missing interfaces have their errors`() throws {
        let key = try makeKey()
        let device = try key.open()
        #expect(usbCode { () throws(USBError) in try device.claimInterface(3) } == .notFound)
        key.heldInterfaces = [2]
        #expect(usbCode { () throws(USBError) in try device.claimInterface(2) } == .busy)
        key.heldInterfaces = []
        try device.claimInterface(2)
        key.deniesAccess = true
        #expect(usbCode { () throws(USBError) in _ = try key.open() } == .access)
    }

    @Test func `the kernel's driver has the keyboard back after close`() throws {
        let key = try makeKey()
        #expect(key.kernelDriverAttached(0) && key.kernelDriverAttached(1))
        #expect(!key.kernelDriverAttached(2))
        let device = try key.open()
        try device.claimInterface(0)
        #expect(!key.kernelDriverAttached(0) && key.kernelDriverAttached(1))
        device.close()
        #expect(key.kernelDriverAttached(0))
    }

    @Test func `nothing is transferred without a claim`() throws {
        let device = try makeKey().open()
        #expect(usbCode { () throws(USBError) in try device.send([0x65], to: 0x02) } == .notFound)
        let read = { () throws(USBError) in _ = try device.read(upTo: 64, from: 0x82, timeout: .seconds(1)) }
        #expect(usbCode(read) == .notFound)
        #expect(usbCode { () throws(USBError) in _ = try device.request(0x21, 0x0A, index: 0) } == .io)
        #expect(usbCode { () throws(USBError) in _ = try device.request(0x21, 0x01, index: 2) } == .io)
        // A vendor request reaches the device, which does not know it.
        #expect(usbCode { () throws(USBError) in _ = try device.request(0x41, 0x01, index: 2) } == .stall)
    }

    @Test func `the claim of another handle opens nothing for this one`() throws {
        let key = try makeKey()
        let (owner, other) = (try key.open(), try key.open())
        try owner.claimInterface(2)
        #expect(usbCode { () throws(USBError) in try other.send(VirtualBench.message(0x65), to: 0x02) } == .notFound)
        #expect(usbCode { () throws(USBError) in _ = try other.request(0x21, 0x01, index: 2) } == .io)
        try owner.send(VirtualBench.message(0x65), to: 0x02)
    }

    @Test func `class requests that YubiKeys do not have are stalled`() throws {
        let device = try makeKey().open()
        try device.claimInterface(2)
        for request: UInt8 in [2, 3] {
            let code = usbCode { () throws(USBError) in _ = try device.request(0xA1, request, index: 2, length: 4) }
            #expect(code == .stall)
        }
        try device.claimInterface(0)
        #expect(try device.request(0x21, 0x0A, index: 0) == [])
    }

    // MARK: Endpoints

    @Test func `a read with nothing to read lets its timeout pass`() throws {
        let bench = try VirtualBench()
        let before = bench.key.clock.now
        #expect(usbCode { () throws(USBError) in try bench.timedRead() } == .timeout)
        #expect(bench.key.clock.now == before + .seconds(3))
        bench.device.pause(for: .seconds(4))
        #expect(bench.key.clock.now == before + .seconds(7))
    }

    @Test func `a message that fills its packets ends with a packet of no bytes`() throws {
        // 64 bytes: header, 52 bytes of entry, status word.
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put(String(repeating: "n", count: 49))) == VirtualBench.ok)
        try bench.device.send(VirtualBench.message(0x6F, data: [0, 0xA1, 0, 0]), to: VirtualBench.bulkOut)
        #expect(try bench.device.read(upTo: 64, from: 0x82, timeout: .seconds(1)).count == 64)
        #expect(try bench.device.read(upTo: 64, from: 0x82, timeout: .seconds(1)) == [])
        try bench.device.send(VirtualBench.message(0x6F, data: [0, 0xA1, 0, 0]), to: VirtualBench.bulkOut)
        #expect(try bench.receive().count == 64)
        #expect(usbCode { () throws(USBError) in try bench.timedRead() } == .timeout)
    }

    @Test func `without that packet a longer read waits until its timeout`() throws {
        var profile = CCIDProfile(answerToReset: [0x3B], maxMessageLength: 3072, maxIFSD: 254)
        profile.sendsZeroLengthPackets = false
        profile.staleMessage = [UInt8](repeating: 7, count: 64)
        let reader = try VirtualReader(ccid: profile, card: ScriptedCard())
        let device = try reader.open()
        try device.claimInterface(0)
        #expect(try device.read(upTo: 128, from: 0x81, timeout: .seconds(2)).count == 64)
        #expect(reader.clock.now == .seconds(2))
    }

    @Test func `a smaller read leaves the rest, and a packet that does not fit is lost`() throws {
        var profile = CCIDProfile(answerToReset: [0x3B], maxMessageLength: 3072, maxIFSD: 254)
        profile.staleMessage = [UInt8](0..<200)
        let reader = try VirtualReader(ccid: profile, card: ScriptedCard())
        let device = try reader.open()
        try device.claimInterface(0)
        #expect(try device.read(upTo: 64, from: 0x81, timeout: .seconds(1)) == [UInt8](0..<64))
        let read = { () throws(USBError) in _ = try device.read(upTo: 100, from: 0x81, timeout: .seconds(1)) }
        #expect(usbCode(read) == .overflow)
        #expect(try device.read(upTo: 64, from: 0x81, timeout: .seconds(1)) == [UInt8](192..<200))
    }

    @Test func `a stall leaves no halt behind, and a halt that was asked for stalls once`() throws {
        let bench = try VirtualBench()
        bench.key.faults = FaultPlan(.stall, atTransfer: bench.key.transferCount + 1)
        let status = VirtualBench.message(0x65)
        #expect(usbCode { () throws(USBError) in try bench.device.send(status, to: 0x02) } == .stall)
        #expect(try bench.device.request(0x82, 0, index: 0x02, length: 2) == [0, 0])
        #expect(try bench.exchange(status).first == 0x81)
        #expect(try bench.device.request(0x02, 3, value: 0, index: 0x02) == [])
        #expect(try bench.device.request(0x82, 0, index: 0x02, length: 2) == [1, 0])
        #expect(usbCode { () throws(USBError) in try bench.device.send(status, to: 0x02) } == .stall)
        #expect(try bench.exchange(status).first == 0x81)
    }

    @Test func `an endpoint that is not there or goes the other way is not found`() throws {
        let bench = try VirtualBench()
        #expect(usbCode { () throws(USBError) in try bench.device.send([1], to: 0x07) } == .notFound)
        #expect(usbCode { () throws(USBError) in try bench.device.send([1], to: 0x82) } == .notFound)
        #expect(usbCode { () throws(USBError) in _ = try bench.device.request(0x02, 1, index: 0x07) } == .notFound)
    }

    @Test func `each transfer is on record`() throws {
        let key = try makeKey()
        let device = try key.open()
        _ = try device.request(0x80, 8, length: 1)
        try device.claimInterface(2)
        try device.send(VirtualBench.message(0x65), to: 0x02)
        _ = try device.read(upTo: 64, from: 0x82, timeout: .seconds(1))
        _ = try? device.read(upTo: 64, from: 0x82, timeout: .seconds(1))
        #expect(key.transferCount == 4)
        #expect(key.transfers.map(\.byteCount) == [1, 10, 10, 0])
        #expect(key.transfers.map(\.direction) == [.in, .out, .in, .in])
        #expect(key.transfers.map(\.target).suffix(3) == [.endpoint(0x02), .endpoint(0x82), .endpoint(0x82)])
        #expect(key.transfers.map(\.error) == [nil, nil, nil, .timeout])
    }
}

extension VirtualBench {
    func timedRead() throws(USBError) {
        _ = try device.read(upTo: 4096, from: Self.bulkIn, timeout: .seconds(3))
    }
}
