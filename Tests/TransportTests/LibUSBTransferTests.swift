import ByteBuffers
import Foundation
import Testing
import USBTransport

extension LibUSBTests {
    /// Transfers of the real libusb with a key that answers as each test says.
    @Suite(.enabled(if: UMockdev.isLoaded, "runs below umockdev-wrapper (Debian package umockdev)"))
    struct Transfers {
        private let testbed: LibUSBTestbed
        private let host: LibUSBHost
        private let plug = LibUSBTestbed.Plug("1-2", address: 2, .yubiKey)
        private let ccid: UInt8 = 2

        init() throws {
            testbed = try LibUSBTestbed()
            try #require(testbed.plugIn(plug))
            host = try LibUSBHost()
        }

        private func key(
            busy: Set<UInt32> = [], answer: @escaping (LibUSBVirtualKey.Request) -> LibUSBVirtualKey.Answer
        ) -> LibUSBVirtualKey {
            LibUSBVirtualKey(plug, in: testbed, busy: busy, answer: answer)
        }

        private func open() throws -> any USBDevice {
            try host.open(try #require(try host.devices().first))
        }

        @Test func `a feature report goes out with its setup packet in front`() throws {
            let key = key { .accepted($0.bytes.count - 8) }
            let device = try open()
            try device.claimInterface(0)
            let setup = ControlSetup(requestType: 0x21, request: 9, value: 0x0300, index: 0, length: 8)
            let answer = try WipedBuffer(1...8).withBytes { try device.control(setup, data: $0, timeout: .seconds(5)) }
            #expect(answer.isEmpty)
            #expect(key.requests.map(\.bytes) == [[0x21, 9, 0, 3, 0, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]])
        }

        @Test func `a feature report comes in, whole or short`() throws {
            let key = key { .bytes($0.bytes[2] == 0 ? [1, 2, 3, 4, 5, 6, 7, 8] : [9]) }
            let device = try open()
            var setup = ControlSetup(requestType: 0xA1, request: 1, value: 0x0300, index: 0, length: 8)
            #expect(try device.control(setup, data: RawSpan(), timeout: .seconds(5)) == [1, 2, 3, 4, 5, 6, 7, 8])
            setup.value = 0x0301
            #expect(try device.control(setup, data: RawSpan(), timeout: .seconds(5)) == [9])
            #expect(key.requests.map(\.room) == [8, 8])
        }

        @Test func `a control transfer fails by its request`() throws {
            let key = key { request in
                switch request.bytes[1] {
                case 1: .failure(EPIPE)
                case 2: .silence()
                case 3: .failure(ESHUTDOWN)
                default: .accepted(1)
                }
            }
            let device = try open()
            for (request, code) in [(1, .stall), (2, .timeout), (3, .noDevice)] as [(UInt8, USBError.Code)] {
                let setup = ControlSetup(requestType: 0xC0, request: request, value: 0, index: 0, length: 4)
                #expect(throws: USBError(code, during: .control(request: request))) {
                    try device.control(setup, data: RawSpan(), timeout: .milliseconds(20))
                }
            }
            let out = ControlSetup(requestType: 0x40, request: 4, value: 0, index: 0, length: 2)
            #expect(throws: USBError(.io, during: .control(request: 4))) {
                try WipedBuffer([1, 2]).withBytes { try device.control(out, data: $0, timeout: .seconds(5)) }
            }
            for data in [[], [1], [1, 2, 3]] as [[UInt8]] {
                #expect(throws: USBError(.invalidParameter, during: .control(request: 4))) {
                    try WipedBuffer(data).withBytes { try device.control(out, data: $0, timeout: .seconds(5)) }
                }
            }
            #expect(key.requests.count == 4)
            #expect(key.events.isEmpty)
        }

        @Test func `bulk messages go out and come in, empty ones too`() throws {
            let key = key { $0.endpoint == 0x82 ? .bytes(Array(1...100)) : .accepted($0.bytes.count) }
            let device = try open()
            try device.claimInterface(ccid)
            try WipedBuffer([0x62, 0, 0]).withBytes { try device.write($0, to: 0x02, timeout: .seconds(5)) }
            try device.write(RawSpan(), to: 0x02, timeout: .seconds(5))
            #expect(try device.read(upTo: 3136, from: 0x82, timeout: .seconds(5)) == Array(1...100))
            #expect(key.requests.map(\.bytes) == [[0x62, 0, 0], [], []])
            #expect(key.requests.map(\.type) == [3, 3, 3])
        }

        @Test func `the descriptor makes a transfer bulk or interrupt`() throws {
            let key = key { $0.endpoint & 0x80 == 0 ? .accepted($0.bytes.count) : .bytes([]) }
            let device = try open()
            try device.claimInterface(1)
            try device.claimInterface(ccid)
            #expect(try device.read(upTo: 64, from: 0x84, timeout: .seconds(5)) == [])
            #expect(try device.read(upTo: 8, from: 0x83, timeout: .seconds(5)) == [])
            #expect(try device.read(upTo: 64, from: 0x82, timeout: .seconds(5)) == [])
            try WipedBuffer([1]).withBytes { try device.write($0, to: 0x04, timeout: .seconds(5)) }
            #expect(key.requests.map(\.type) == [1, 1, 3, 1])
        }

        @Test func `packets that came before the timeout are returned`() throws {
            var packets = [UInt8](repeating: 0x55, count: 128)
            let key = key { _ in
                defer { packets = [] }
                return .silence(after: packets)
            }
            let device = try open()
            try device.claimInterface(ccid)
            #expect(try device.read(upTo: 3136, from: 0x82, timeout: .milliseconds(20)).count == 128)
            #expect(throws: USBError(.timeout, during: .read(endpoint: 0x82))) {
                try device.read(upTo: 3136, from: 0x82, timeout: .milliseconds(20))
            }
            #expect(key.requests.count == 2)
        }

        @Test func `a stalled endpoint is cleared before the error comes`() throws {
            let key = key { _ in .failure(EPIPE) }
            let device = try open()
            try device.claimInterface(ccid)
            #expect(throws: USBError(.stall, during: .read(endpoint: 0x82))) {
                try device.read(upTo: 64, from: 0x82, timeout: .seconds(5))
            }
            #expect(throws: USBError(.stall, during: .write(endpoint: 0x02))) {
                try device.write(RawSpan(), to: 0x02, timeout: .seconds(5))
            }
            #expect(key.events == [.claimed(2), .haltCleared(0x82), .haltCleared(0x02)])
        }

        @Test func `less than all bytes out is an error, more than asked in too`() throws {
            let key = key { request in
                if request.endpoint == 0x82 { return .bytes([UInt8](repeating: 0, count: 65)) }
                return request.bytes.count == 3 ? .accepted(2) : .silence()
            }
            let device = try open()
            try device.claimInterface(ccid)
            #expect(throws: USBError(.io, during: .write(endpoint: 0x02))) {
                try WipedBuffer([1, 2, 3]).withBytes { try device.write($0, to: 0x02, timeout: .seconds(5)) }
            }
            #expect(throws: USBError(.timeout, during: .write(endpoint: 0x02))) {
                try WipedBuffer([1]).withBytes { try device.write($0, to: 0x02, timeout: .milliseconds(20)) }
            }
            #expect(throws: USBError(.overflow, during: .read(endpoint: 0x82))) {
                try device.read(upTo: 64, from: 0x82, timeout: .seconds(5))
            }
            #expect(key.requests.count == 3)
        }

        @Test func `only endpoints of claimed interfaces are used, in their direction`() throws {
            let key = key { _ in .silence() }
            let device = try open()
            #expect(throws: USBError(.notFound, during: .read(endpoint: 0x82))) {
                try device.read(upTo: 64, from: 0x82, timeout: .seconds(5))
            }
            try device.claimInterface(ccid)
            #expect(throws: USBError(.notFound, during: .read(endpoint: 0x84))) {
                try device.read(upTo: 64, from: 0x84, timeout: .seconds(5))
            }
            #expect(throws: USBError(.invalidParameter, during: .write(endpoint: 0x82))) {
                try device.write(RawSpan(), to: 0x82, timeout: .seconds(5))
            }
            for count in [-64, 0, 1, 63, 65] {
                #expect(throws: USBError(.invalidParameter, during: .read(endpoint: 0x82))) {
                    try device.read(upTo: count, from: 0x82, timeout: .seconds(5))
                }
            }
            #expect(key.requests.isEmpty)
        }

        @Test func `a held interface is busy, a missing one is not found`() throws {
            let key = key(busy: [2]) { _ in .silence() }
            let device = try open()
            #expect(throws: USBError(.busy, during: .claim(interface: 2))) { try device.claimInterface(2) }
            #expect(throws: USBError(.notFound, during: .claim(interface: 7))) { try device.claimInterface(7) }
            device.close()
            #expect(key.events.isEmpty)
        }

        @Test func `closing releases each interface once and gives its driver back`() throws {
            let key = key { _ in .silence() }
            let device = try open()
            try device.claimInterface(0)
            try device.claimInterface(2)
            try device.claimInterface(0)
            device.close()
            device.close()
            #expect(
                key.events == [
                    .claimed(0), .claimed(2), .released(2), .driverReattached(2), .released(0), .driverReattached(0),
                ])
            let setup = ControlSetup(requestType: 0xC0, request: 1, value: 0, index: 0, length: 4)
            #expect(throws: USBError(.noDevice, during: .claim(interface: 0))) { try device.claimInterface(0) }
            #expect(throws: USBError(.noDevice, during: .control(request: 1))) {
                try device.control(setup, data: RawSpan(), timeout: .seconds(5))
            }
            #expect(throws: USBError(.noDevice, during: .write(endpoint: 2))) {
                try device.write(RawSpan(), to: 2, timeout: .seconds(5))
            }
            #expect(throws: USBError(.noDevice, during: .read(endpoint: 0x82))) {
                try device.read(upTo: 64, from: 0x82, timeout: .seconds(5))
            }
        }

        @Test func `a device that is let go of closes itself and outlives its host`() throws {
            let key = key { .accepted($0.bytes.count) }
            var host: LibUSBHost? = try LibUSBHost()
            let description = try #require(try host?.devices().first)
            var device = try host?.open(description)
            _ = try host?.nextChange(timeout: .zero)
            host = nil
            try device?.claimInterface(2)
            try WipedBuffer([1]).withBytes { try device?.write($0, to: 0x02, timeout: .seconds(5)) }
            device = nil
            #expect(key.events == [.claimed(2), .released(2), .driverReattached(2)])
        }

        @Test func `a change is told while a device is open`() throws {
            let key = key { .accepted($0.bytes.count) }
            let device = try open()
            try device.claimInterface(2)
            while try host.nextChange(timeout: .zero) != nil {}
            #expect(testbed.plugIn(.init("1-3", address: 3, .canoKey)))
            try WipedBuffer([1]).withBytes { try device.write($0, to: 0x02, timeout: .seconds(5)) }
            guard case .arrived(let other)? = try host.nextChange(timeout: .seconds(10)) else {
                Issue.record("no arrival")
                return
            }
            #expect(other.address == 3)
            #expect(key.requests.count == 1)
        }
    }
}
