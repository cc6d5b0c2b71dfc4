import KeyProvision
import MockDevices
import SecretFormats
import Testing

/// What the tests of the catalog have to know of a family that its features do not say. One case a family that differs.
struct FamilyHabits: Sendable {
    /// The serial number of the virtual key 99000001 as the family tells it.
    var serial: String? = "99000001"
    /// Whether it tells its firmware version.
    var tellsFirmware = true
    /// Credentials of the test for a full key that have to fit at least.
    var fewestCredentials = 20
    /// Places of the model, where another one of the family has more.
    var slots: ClosedRange<Int>?
    /// Every how manieth transfer of a job is made to fail: more than 1 for jobs of hundreds that are all alike.
    var faultStride = 1
    /// Done first in each session, such as giving a PIN.
    var begin: @Sendable (any ProvisioningSession) throws -> Void = { _ in }

    /// It has a way past a program that holds its reader.
    var worksWhileHeld = false

    static func of(_ family: any DeviceFamily, _ model: VirtualModel) -> FamilyHabits {
        switch family.name {
        case "canokey": FamilyHabits(worksWhileHeld: true)
        case "solo2": FamilyHabits(serial: String(repeating: "0", count: 24) + "99000001")
        case "picofido": FamilyHabits(serial: "0000000099000001")
        // A hundred profiles are read one by one.
        case "molto2": FamilyHabits(tellsFirmware: false, faultStride: 7)
        // They all say one serial number.
        case "onlykey": FamilyHabits(serial: nil, slots: model.name == "onlykey" ? 1...12 : nil)
        default: FamilyHabits()
        }
    }
}
