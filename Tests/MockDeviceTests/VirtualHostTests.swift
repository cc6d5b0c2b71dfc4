import Foundation
import MockDevices
import Synchronization
import Testing
import USBTransport

@Suite struct VirtualHostTests {
    private func makeKeys(_ count: UInt32) throws -> [VirtualKey] {
        let model = try #require(VirtualModel.named("yubikey5"))
        return (1...count).map { VirtualKey(model: model, serial: $0) }
    }

    @Test func `keys sit at the ports in the order given`() throws {
        let keys = try makeKeys(3)
        let host = VirtualHost(keys)
        let devices = try host.devices()
        #expect(devices.map(\.location.description) == ["1-1", "1-2", "1-3"])
        #expect(Set(devices.map(\.address)).count == 3)
        let device = try host.open(devices[1])
        try device.claimInterface(2)
        #expect(usbCode { () throws(USBError) in try keys[1].open().claimInterface(2) } == .busy)
        try keys[0].open().claimInterface(2)
    }

    @Test func `attached keys arrive first, then what comes and goes`() throws {
        let keys = try makeKeys(2)
        let host = VirtualHost(keys)
        let devices = try host.devices()
        #expect(try host.nextChange(timeout: .seconds(1)) == .arrived(devices[0]))
        #expect(try host.nextChange(timeout: .seconds(1)) == .arrived(devices[1]))
        #expect(try host.nextChange(timeout: .seconds(9)) == nil)
        #expect(host.clock.now == .seconds(9))
        host.unplug(keys[0])
        #expect(try host.devices() == [devices[1]])
        host.plug(keys[0])
        #expect(try host.nextChange(timeout: .zero) == .left(devices[0]))
        let again = try #require(try host.devices().first)
        #expect(try host.nextChange(timeout: .zero) == .arrived(again))
        #expect(again.location == devices[0].location && again.address != devices[0].address)
        #expect(usbCode { () throws(USBError) in _ = try host.open(devices[0]) } == .noDevice)
        _ = try host.open(again)
    }

    @Test func `a key pulled behind the host's back has left`() throws {
        let keys = try makeKeys(1)
        let host = VirtualHost(keys)
        let device = try #require(try host.devices().first)
        _ = try host.nextChange(timeout: .zero)
        keys[0].unplug()
        keys[0].plug()
        #expect(try host.nextChange(timeout: .zero) == .left(device))
        guard case .arrived = try host.nextChange(timeout: .zero) else {
            Issue.record("no arrival")
            return
        }
    }

    @Test func `a key that is new to the bus gets the next port`() throws {
        let keys = try makeKeys(2)
        let host = VirtualHost([keys[0]])
        host.plug(keys[1])
        #expect(try host.devices().map(\.location.description) == ["1-1", "1-2"])
    }

    @Test func `two threads drive two keys at once`() throws {
        let host = VirtualHost(try makeKeys(2))
        let devices = try host.devices()
        let done = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            guard let device = try? host.open(devices[index]),
                (try? device.claimInterface(VirtualBench.ccid)) != nil
            else { return }
            for _ in 0..<200 {
                guard (try? device.send(VirtualBench.message(0x62), to: VirtualBench.bulkOut)) != nil,
                    let answer = try? device.read(upTo: 4096, from: VirtualBench.bulkIn, timeout: .seconds(1)),
                    answer.first == 0x80
                else { return }
            }
            done.withLock { $0.append(devices[index].location.description) }
        }
        #expect(done.withLock { $0.sorted() } == ["1-1", "1-2"])
    }
}
