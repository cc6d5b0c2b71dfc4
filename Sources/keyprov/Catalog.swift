import KeyProvision
import MockDevices
import USBTransport

/// The one place that knows the set of device families, and which virtual keys play each.
enum Catalog {
    struct Entry: Sendable {
        let family: any DeviceFamily
        let virtualModels: [VirtualModel]
    }

    static let entries: [Entry] = [
        Entry(family: YubiKeyOATH(), virtualModels: VirtualModel.all)
    ]

    /// The family of an attached device.
    static func recognize(_ device: USBDeviceDescription) -> (family: any DeviceFamily, Recognition)? {
        for entry in entries {
            if let recognition = entry.family.recognize(device) { return (entry.family, recognition) }
        }
        return nil
    }

    static func virtualModel(named name: String) -> VirtualModel? {
        virtualModels.first { $0.name == name }
    }

    static var virtualModels: [VirtualModel] { entries.flatMap(\.virtualModels) }
}
