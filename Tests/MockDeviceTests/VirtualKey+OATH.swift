@testable import MockDevices

extension VirtualKey {
    /// What the OATH application of a virtual YubiKey keeps.
    var oathMemory: OATHMemory? { withChip(YubiKeyCard.self) { $0.memory } }
}
