import Foundation
import MockDevices
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// Every product id that the reference lists is driven, or named with an honest reason.
@Suite struct ProductIDTests {
    /// A line of `Vectors/usb-ids.txt`.
    struct Row: Sendable, CustomTestStringConvertible {
        enum What: String { case driven, idle, recognized, boot }

        let id: USBID
        /// nil where it does not matter.
        let firmware: Version?
        let what: What
        let family: String
        let product: String

        var testDescription: String { "\(id) \(product)" }

        init?(_ line: Substring) {
            let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true)
            let numbers = words.first.map { $0.split(separator: ":").compactMap { UInt16($0, radix: 16) } } ?? []
            guard words.count == 5, numbers.count == 2, let what = What(rawValue: String(words[2])) else { return nil }
            id = USBID(vendor: numbers[0], product: numbers[1])
            firmware = Version(bytes: words[1].split(separator: ".").compactMap { UInt8($0) })
            (self.what, family, product) = (what, String(words[3]), String(words[4]))
        }
    }

    static let rows: [Row] = {
        guard let url = Bundle.module.url(forResource: "usb-ids", withExtension: "txt", subdirectory: "Vectors"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap(Row.init)
    }()

    /// As a bus would show it: with the interfaces of the family's own virtual key, or with HID alone.
    static func description(_ row: Row) throws -> USBDeviceDescription {
        let own = Catalog.entries.first { $0.family.name == row.family && row.what == .driven }?.virtualModels.first
        let model = try #require(own ?? VirtualModel.named("onlykey"))
        let key = VirtualKey(model: model, serial: 1)
        let firmware = row.firmware ?? Version(1, 0, 0)
        var bytes = key.descriptors.deviceBytes
        bytes.replaceSubrange(
            8..<14,
            with: [row.id.vendor, row.id.product].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
                + [firmware.minor << 4 | firmware.patch, firmware.major])
        return USBDeviceDescription(
            location: USBLocation(bus: 1, ports: [1]), address: 1, device: try DeviceDescriptor(parsing: bytes),
            configuration: key.descriptors.configuration)
    }

    @Test func `each line of the table is read`() throws {
        let url = try #require(
            Bundle.module.url(forResource: "usb-ids", withExtension: "txt", subdirectory: "Vectors"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(Self.rows.count == lines.count && lines.count > 70)
        #expect(Set(Self.rows.map { "\($0.id) \($0.firmware?.description ?? "-")" }).count == lines.count)
    }

    @Test(arguments: rows)
    func `each product is driven or said what it is`(_ row: Row) throws {
        let device = try Self.description(row)
        let (family, recognition) = try #require(Catalog.recognize(device))
        #expect(family.name == row.family)
        let mentioned = KeyTable.rows.first { $0.family.name == family.name }
        switch row.what {
        case .driven:
            #expect(recognition.obstacle == nil)
            #expect(family.usbIDs.contains(row.id) && mentioned?.ids.contains("\(row.id)") == true)
        case .idle:
            #expect(
                [.interfaceDisabled("CCID", by: .modes), .fidoAlone, .readerMissing].contains(recognition.obstacle))
            #expect(family.idleIDs.contains(row.id) && mentioned?.idleIDs.contains("\(row.id)") == true)
        case .recognized:
            #expect(Self.bootLoader(recognition.obstacle) == nil)
        case .boot:
            #expect(Self.bootLoader(recognition.obstacle) != nil)
        }
        guard let obstacle = recognition.obstacle else { return }
        #expect(!obstacle.text.isEmpty && !obstacle.hints.isEmpty)
        let (vendor, product) = (USBID.hex(row.id.vendor), USBID.hex(row.id.product))
        #expect(!UdevRules.text.contains("ATTR{idVendor}==\"\(vendor)\", ATTR{idProduct}==\"\(product)\""))
    }

    /// None is driven by hearsay of ours alone.
    @Test func `every driven id stands in the table`() {
        let driven = Set(Catalog.entries.flatMap(\.family.usbIDs))
        #expect(driven == Set(Self.rows.filter { $0.what == .driven }.map(\.id)))
        let idle = Set(Catalog.entries.flatMap(\.family.idleIDs)).subtracting(driven)
        #expect(idle == Set(Self.rows.filter { $0.what == .idle }.map(\.id)))
    }

    /// What several products show is not said to be one of them.
    @Test(arguments: [(0x1FC9, 0x0021, "NXP boot loader"), (0x03EB, 0x2FF1, "Atmel boot loader")])
    func `the boot loader of a chip is not called a key`(_ vendor: UInt16, _ product: UInt16, _ name: String) throws {
        let id = USBID(vendor: vendor, product: product)
        let row = try #require(Self.rows.first { $0.id == id })
        let recognition = try #require(Catalog.recognize(try Self.description(row))?.1)
        #expect(recognition.model == name)
        #expect(recognition.obstacle?.text.hasPrefix("may be that of a ") == true)
        #expect(recognition.obstacle?.hints.first?.hasPrefix("if it is a ") == true)
    }

    /// A smart-card reader of a maker of keys is no key.
    @Test func `a device of Feitian without HID is left alone`() throws {
        let row = try #require(Self.rows.first { $0.family == "feitian-other" })
        let key = try Self.description(row)
        #expect(Catalog.recognize(key)?.family.name == row.family)
        let configuration: [UInt8] = [9, 2, 18, 0, 1, 1, 0, 0x80, 50]
        let smartCard: [UInt8] = [9, 4, 0, 0, 0, InterfaceClass.smartCard.rawValue, 0, 0, 0]
        let reader = USBDeviceDescription(
            location: key.location, address: key.address, device: key.device,
            configuration: try ConfigurationDescriptor(parsing: configuration + smartCard))
        #expect(Catalog.recognize(reader) == nil)
    }

    private static func bootLoader(_ obstacle: Recognition.Obstacle?) -> UndrivenKey.Reason? {
        switch obstacle {
        case .notDriven(let reason):
            switch reason {
            case .bootLoader, .bootLoaderOfChip: reason
            default: nil
            }
        default: nil
        }
    }
}
