import MockDevices
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// Keys that are recognized only to say why they are not written to.
@Suite struct UndrivenKeyTests {
    private func description(_ id: USBID) throws -> USBDeviceDescription {
        let model = try #require(VirtualModel.named("yubikey5"))
        let template = VirtualKey(model: model, serial: 1).description(at: USBLocation(bus: 1, ports: [1]), address: 1)
        var bytes = VirtualKey(model: model, serial: 1).descriptors.deviceBytes
        bytes.replaceSubrange(8..<12, with: [id.vendor, id.product].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        return USBDeviceDescription(
            location: template.location, address: template.address, device: try DeviceDescriptor(parsing: bytes),
            configuration: template.configuration)
    }

    @Test(arguments: UndrivenKey.all)
    func eachIsRecognizedByEachOfItsIDs(_ key: UndrivenKey) throws {
        for id in key.knownIDs {
            let recognized = try #require(Catalog.recognize(try description(id)))
            #expect(recognized.family.name == key.name)
            #expect(recognized.1 == Recognition(model: key.title, obstacle: .notDriven(key.reason)))
        }
    }

    /// A product that is driven is not called one that cannot be; no product has two reasons.
    @Test func noIDIsDrivenOrNamedTwice() {
        let ids = UndrivenKey.all.flatMap(\.knownIDs)
        #expect(Set(ids).count == ids.count)
        #expect(Set(ids).isDisjoint(with: Catalog.entries.flatMap(\.family.usbIDs)))
        let names = UndrivenKey.all.map(\.name) + Catalog.entries.map(\.family.name)
        #expect(Set(names).count == names.count)
    }

    /// A rule would open the interfaces of a key that we have no business with.
    @Test func noneHasAnUdevRule() {
        #expect(UndrivenKey.all.allSatisfy { $0.usbIDs.isEmpty && $0.features.totp == nil && $0.features.hotp == nil })
    }

    @Test func openingOneClosesTheDevice() throws {
        let key = VirtualKey(model: try #require(VirtualModel.named("yubikey5")), serial: 1)
        let host = VirtualHost([key])
        let device = try #require(try host.devices().first)
        for undriven in UndrivenKey.all {
            let opened = try host.open(device)
            try opened.claimInterface(0)
            #expect(throws: DeviceError.applicationNotAvailable(.connecting)) {
                try undriven.openSession(on: opened, device, options: SessionOptions())
            }
            #expect(key.kernelDriverAttached(0))
        }
    }
}
