import KeyProvision
import MockDevices
import USBTransport

/// The one place that knows the set of device families, and which virtual keys play each.
enum Catalog {
    struct Entry: Sendable {
        let family: any DeviceFamily
        let virtualModels: [VirtualModel]
    }

    /// Of the families that drive one device, the first is taken unless a slot is asked for.
    static let entries: [Entry] = [
        Entry(family: YubiKeyOATH(), virtualModels: VirtualModel.yubiKeys),
        Entry(family: YubiKeySlots(), virtualModels: VirtualModel.yubiKeys),
        Entry(family: CanoKey(), virtualModels: models("canokey")),
        Entry(family: Solo2(), virtualModels: models("solo2")),
        Entry(family: PicoFIDO(), virtualModels: models("picofido")),
        Entry(family: Nitrokey3(), virtualModels: VirtualModel.nitrokeys3),
        Entry(family: NitrokeyPro.pro, virtualModels: VirtualModel.nitrokeysPro),
        Entry(family: NitrokeyPro.storage, virtualModels: VirtualModel.nitrokeysStorage),
        Entry(family: NitrokeyPro.libremKey, virtualModels: VirtualModel.libremKeys),
        Entry(family: OnlyKey(), virtualModels: VirtualModel.onlyKeys),
        Entry(family: Molto2(), virtualModels: VirtualModel.molto2),
        Entry(family: Token2PINPlus(), virtualModels: VirtualModel.token2PINPlus),
        Entry(family: MooltipassBLE(), virtualModels: VirtualModel.mooltipass),
    ]

    private static func models(_ names: String...) -> [VirtualModel] { names.compactMap(VirtualModel.named) }

    /// Keys that are recognized only to say why they are not written to.
    static let undriven = UndrivenKey.all

    /// The family for an attached device: the first one that can use it as it is plugged in, or else the first one that
    /// knows it.
    ///
    /// - Parameter slot: number of a place; then families that have such places go before all others.
    static func recognize(
        _ device: USBDeviceDescription, slot: Int? = nil
    ) -> (family: any DeviceFamily, Recognition)? {
        let families = entries.map(\.family) + undriven
        let known = families.compactMap { family in family.recognize(device).map { (family: family, $0) } }
        let slotted = known.filter { $0.family.features.slots != nil }
        let candidates = slot == nil || slotted.isEmpty ? known : slotted
        return candidates.first { $0.1.obstacle == nil } ?? candidates.first
    }

    /// Which keys have numbered places, for the help.
    static var slotsText: String {
        entries.map(\.family).compactMap { family in
            family.features.slots.map { slots in
                let others = family.features.hotp?.slots.map { " (HOTP \($0.lowerBound) to \($0.upperBound))" }
                let names = family.features.slotNames.map { " (\($0))" } ?? others ?? ""
                return "\(slots.lowerBound) to \(slots.upperBound) of \(family.title)" + names
            }
        }.joined(separator: "; ")
    }

    static func virtualModel(named name: String) -> VirtualModel? {
        virtualModels.first { $0.name == name }
    }

    /// Each once, also where two families can be tried on it.
    static var virtualModels: [VirtualModel] {
        entries.flatMap(\.virtualModels).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
