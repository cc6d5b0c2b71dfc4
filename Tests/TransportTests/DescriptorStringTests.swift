import Testing
import USBTransport

@Suite struct DescriptorStringTests {
    @Test func `a string is read in the first language of the table`() throws {
        let device = StringDevice([0: [[6, 3, 0x07, 0x04, 0x09, 0x04]], 2: [[8, 3, 0x4B, 0, 0xE9, 0, 0x79, 0]]])
        #expect(try device.string(at: 2) == "Kéy")
        #expect(device.setups.map(\.value) == [0x0300, 0x0302])
        #expect(device.setups.map(\.index) == [0, 0x0407])
        #expect(device.setups.allSatisfy { $0.requestType == 0x80 && $0.request == 6 && $0.length == 255 })
    }

    @Test func `index 0 is no string and asks for nothing`() throws {
        let device = StringDevice([:])
        #expect(try device.string(at: 0) == nil)
        #expect(device.setups.isEmpty)
    }

    @Test(
        arguments: [
            [], [2], [2, 3], [3, 3, 0x09], [4, 2, 0x09, 0x04], [6, 3, 0x09, 0x04], [0, 3, 0x09, 0x04],
        ] as [[UInt8]])
    func `without a language there is no string`(table: [UInt8]) throws {
        let device = StringDevice([0: [table], 1: [[4, 3, 0x41, 0]]])
        #expect(try device.string(at: 1) == nil)
        #expect(device.setups.count == 1)
    }

    @Test(
        arguments: [
            [4, 3, 0x3D, 0xD8],  // half of a surrogate pair
            [6, 3, 0x11, 0xDD, 0x3D, 0xD8],  // both halves, swapped
            [4, 2, 0x41, 0],  // another type
            [6, 3, 0x41, 0],  // longer than what came
            [1], [],
        ] as [[UInt8]])
    func `what is not a string of UTF-16 is nil`(descriptor: [UInt8]) throws {
        let device = StringDevice([0: [[4, 3, 0x09, 0x04]], 1: [descriptor]])
        #expect(try device.string(at: 1) == nil)
    }

    @Test func `an empty string is not the same as none`() throws {
        #expect(try StringDevice([0: [[4, 3, 0x09, 0x04]], 1: [[2, 3]]]).string(at: 1) == "")
    }

    @Test func `bytes behind the descriptor are not part of the string`() throws {
        let device = StringDevice([0: [[4, 3, 0x09, 0x04, 0xFF]], 1: [[4, 3, 0x41, 0, 0x42, 0]]])
        #expect(try device.string(at: 1) == "A")
    }

    @Test func `a refused request is the caller's to judge`() {
        let stall = USBError(.stall, during: .control(request: 6))
        #expect(throws: stall) { try StringDevice([:]).string(at: 1) }
        #expect(throws: stall) { try StringDevice([0: [[4, 3, 0x09, 0x04]]]).string(at: 1) }
    }
}

/// Answers GET_DESCRIPTOR for strings, by index and in order; stalls on everything else.
private final class StringDevice: USBDevice {
    private var answers: [UInt8: [[UInt8]]]
    private(set) var setups: [ControlSetup] = []

    init(_ answers: [UInt8: [[UInt8]]]) { self.answers = answers }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        setups.append(setup)
        let index = UInt8(truncatingIfNeeded: setup.value)
        guard setup.value >> 8 == 3, let answer = answers[index]?.first else {
            throw USBError(.stall, during: .control(request: setup.request))
        }
        answers[index]?.removeFirst()
        return answer
    }

    func claimInterface(_ number: UInt8) throws(USBError) {
        throw USBError(.notFound, during: .claim(interface: number))
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        throw USBError(.notFound, during: .write(endpoint: endpoint))
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        throw USBError(.notFound, during: .read(endpoint: endpoint))
    }

    func pause(for duration: Duration) {}
    func close() {}
}
