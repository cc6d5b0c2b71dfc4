import Testing
import USBTransport

@testable import MockDevices

/// Each kind of fault, what the host sees of it, and how the key goes on.
@Suite struct VirtualFaultTests {
    private static let put = VirtualBench.message(0x6F, data: VirtualBench.put("a"))
    private static let status = VirtualBench.message(0x65)

    private func credentials(_ bench: VirtualBench) -> Int {
        bench.key.oathMemory?.credentials.count ?? 0
    }

    private func arm(_ bench: VirtualBench, _ fault: Fault, in transfers: Int = 1) {
        bench.key.faults = FaultPlan(fault, atTransfer: bench.key.transferCount + transfers)
    }

    private func codeOfPut(_ bench: VirtualBench) -> USBError.Code? {
        usbCode { () throws(USBError) in try bench.device.send(Self.put, to: VirtualBench.bulkOut) }
    }

    @Test(arguments: [(Fault.timeout, USBError.Code.timeout), (.busy, .busy)])
    func `a write that did not take place can be made again`(fault: Fault, code: USBError.Code) throws {
        let bench = try VirtualBench()
        arm(bench, fault)
        #expect(codeOfPut(bench) == code)
        #expect(credentials(bench) == 0)
        #expect(try bench.transmit(VirtualBench.put("a")) == VirtualBench.ok)
        #expect(credentials(bench) == 1)
    }

    @Test func `a timeout takes its time`() throws {
        let bench = try VirtualBench()
        let before = bench.key.clock.now
        arm(bench, .timeout)
        #expect(codeOfPut(bench) == .timeout)
        #expect(bench.key.clock.now == before + .seconds(1))
    }

    @Test func `unplugged before the write the key has nothing`() throws {
        let bench = try VirtualBench()
        arm(bench, .unplugBefore)
        #expect(codeOfPut(bench) == .noDevice)
        #expect(!bench.key.isPlugged && credentials(bench) == 0)
    }

    @Test func `unplugged after the write the key has it and the host does not know`() throws {
        let bench = try VirtualBench()
        arm(bench, .unplugAfter)
        #expect(codeOfPut(bench) == .noDevice)
        #expect(!bench.key.isPlugged && credentials(bench) == 1)
    }

    @Test func `unplugged after a read the answer is lost`() throws {
        let bench = try VirtualBench()
        try bench.device.send(Self.put, to: VirtualBench.bulkOut)
        arm(bench, .unplugAfter)
        #expect(usbCode { () throws(USBError) in try bench.timedRead() } == .noDevice)
        #expect(credentials(bench) == 1)
    }

    @Test func `a short read has half of the bytes`() throws {
        let bench = try VirtualBench()
        arm(bench, .short, in: 2)
        #expect(try bench.exchange(Self.status) == [0x81, 0, 0, 0, 0])
        #expect(try bench.exchange(Self.status).count == 10)
    }

    @Test func `of a short write the key has half and complains`() throws {
        let bench = try VirtualBench()
        arm(bench, .short)
        #expect(codeOfPut(bench) == .io)
        #expect(credentials(bench) == 0)
        let complaint = try bench.receive()
        #expect(complaint[0] == 0x80 && complaint[7] == 0x40 && complaint[8] == 0x01)
    }

    @Test func `a garbled read differs in one byte`() throws {
        let bench = try VirtualBench()
        let clean = try bench.exchange(Self.status)
        arm(bench, .garbled, in: 2)
        let garbled = try bench.exchange(Self.status)
        #expect(zip(clean, garbled).filter { $0 != $1 }.count == 1)
        #expect(clean.count == garbled.count)
    }

    @Test func `a garbled write is what the key gets`() throws {
        let bench = try VirtualBench()
        arm(bench, .garbled)
        try bench.device.send(Self.put, to: VirtualBench.bulkOut)
        _ = try bench.receive()
        let stored = bench.key.oathMemory?.credentials.first
        // The byte in the middle of this message is the number of digits.
        #expect(stored?.secret == VirtualBench.rfcSecret)
        #expect(stored?.digits == 0x26)
    }

    @Test func `control transfers have faults too`() throws {
        let expected: [(Fault, USBError.Code?)] = [
            (.stall, .stall), (.timeout, .timeout), (.busy, .busy), (.unplugBefore, .noDevice),
            (.unplugAfter, .noDevice), (.short, nil), (.garbled, nil),
        ]
        #expect(Set(expected.map(\.0)) == Set(Fault.allCases))
        for (fault, code) in expected {
            let bench = try VirtualBench()
            arm(bench, fault)
            var answer: [UInt8] = []
            let got = usbCode { () throws(USBError) in
                answer = try bench.device.request(0x80, 6, value: 0x0100, length: 18)
            }
            #expect(got == code)
            if fault == .short { #expect(answer.count == 9) }
            if fault == .garbled { #expect(answer != bench.key.descriptors.deviceBytes) }
        }
    }

    @Test func `faults can be counted for each handle`() throws {
        let bench = try VirtualBench()
        bench.key.faults = FaultPlan(.busy, atTransfer: 2, counting: .handle)
        let other = try bench.key.open()
        #expect(try other.request(0x80, 8, length: 1) == [1])
        #expect(usbCode { () throws(USBError) in _ = try other.request(0x80, 8, length: 1) } == .busy)
        #expect(try other.request(0x80, 8, length: 1) == [1])
    }

    @Test func `after unplug nothing works until a new handle is opened`() throws {
        let bench = try VirtualBench()
        #expect(try bench.transmit(VirtualBench.put("a")) == VirtualBench.ok)
        bench.key.unplug()
        #expect(codeOfPut(bench) == .noDevice)
        #expect(usbCode { () throws(USBError) in try bench.device.claimInterface(0) } == .noDevice)
        #expect(usbCode { () throws(USBError) in _ = try bench.key.open() } == .noDevice)
        bench.key.plug()
        #expect(codeOfPut(bench) == .noDevice)
        let again = try VirtualBench(bench.key)
        #expect(try again.transmit([0, 0xA1, 0, 0]) == [0x72, 0x02, 0x21, 0x61] + VirtualBench.ok)
        // The old handle is of an earlier plug-in; its end takes nothing from the new one.
        bench.device.close()
        #expect(try again.exchange(Self.status).first == 0x81)
    }
}
