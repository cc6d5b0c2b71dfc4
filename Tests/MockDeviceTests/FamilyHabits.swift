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
    var begin: @Sendable (any ProvisioningSession) throws(DeviceError) -> Void = { _ throws(DeviceError) in }
    /// A credential that computes at a touch is also written at one.
    var confirmsTouch = false
    /// What a firmware proves where it is not what the family's features say.
    var proves: @Sendable (Verification, Version) -> Verification = { proof, _ in proof }
    /// What the key lists a place as.
    var slotName: @Sendable (Credential.Kind, Int) -> String = { _, slot in "slot \(slot)" }
    /// Counted from the last one: the transfer of a HOTP credential at counter 0 that nothing can prove; see `FaultTests`.
    var unprovenTransfer: Int? = 3

    /// A byte of a secret that is changed on its way shows in the proof. Where a label is all that reads back, only a length or
    /// a checksum of the protocol's own can show it, and not every protocol has one.
    var provesEachByte = true
    /// It has a way past a program that holds its reader.
    var worksWhileHeld = false

    static func of(_ family: any DeviceFamily, _ model: VirtualModel) -> FamilyHabits {
        switch family.name {
        case "canokey": FamilyHabits(worksWhileHeld: true)
        case "solo2": FamilyHabits(serial: String(repeating: "0", count: 24) + "99000001")
        case "picofido": FamilyHabits(serial: "0000000099000001")
        // A hundred profiles are read one by one.
        case "molto2": FamilyHabits(tellsFirmware: false, faultStride: 7)
        case "token2-pin": FamilyHabits(tellsFirmware: false)
        case "mooltipass": mooltipass(model, codesSince: family.features.codesSince)
        // They all say one serial number.
        case "onlykey": FamilyHabits(serial: nil, slots: model.name == "onlykey" ? 1...12 : nil)
        case "nitrokey3":
            FamilyHabits(confirmsTouch: true, unprovenTransfer: 1)
        case "nitrokey-pro", "librem-key", "nitrokey-storage": nitrokeyPro(family.features.earlier)
        default: FamilyHabits()
        }
    }

    private static func mooltipass(_ model: VirtualModel, codesSince: Version?) -> FamilyHabits {
        @Sendable func tellsCodes(_ firmware: Version) -> Bool { codesSince.map { firmware >= $0 } ?? true }
        return FamilyHabits(
            proves: { proof, firmware in tellsCodes(firmware) ? proof : .labelOnly },
            provesEachByte: Version(bytes: model.firmware.bytes).map(tellsCodes) ?? true)
    }

    /// Places are counted by kind, and writing takes the admin PIN. A checksum guards each report.
    private static func nitrokeyPro(_ earlier: FamilyFeatures.Earlier?) -> FamilyHabits {
        FamilyHabits(
            begin: { session throws(DeviceError) in
                try (session as? any PINProvisioning)?.use(Secret("12345678"), as: .admin)
            },
            proves: { proof, firmware in earlier.flatMap { firmware < $0.before ? $0.proof : nil } ?? proof },
            slotName: { kind, slot in
                if case .hotp = kind { "HOTP slot \(slot)" } else { "slot \(slot)" }
            },
            unprovenTransfer: nil)
    }
}
