import KeyProvision
import MockDevices
import SecretFormats
import Testing

/// What the tests of the catalog have to know of a family that its features do not say. One case a family that differs.
struct FamilyHabits: Sendable {
    /// The serial number of the virtual key 99000001 as the family tells it.
    var serial = "99000001"
    /// Credentials of the test for a full key that have to fit at least.
    var fewestCredentials = 20
    /// Done first in each session, such as giving a PIN.
    var begin: @Sendable (any ProvisioningSession) throws -> Void = { _ in }

    static func of(_ family: any DeviceFamily) -> FamilyHabits {
        switch family.name {
        default: FamilyHabits()
        }
    }
}
