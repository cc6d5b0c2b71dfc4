import KeyProvision
import SecretFormats
import USBTransport

/// A credential on its way onto a key: the key is opened and unlocked, what it cannot hold is refused before anything is
/// written, and it proves what it took.
struct KeyWriting {
    let access: DeviceAccess
    let options: WriteOptions
    /// Whether a credential of the same name may be overwritten.
    let replaces: Bool
    /// Nil where nothing is recorded.
    let recorder: EnrollmentRecorder?

    init(global: GlobalOptions, device: DeviceOptions, storage: StorageOptions, recorder: EnrollmentRecorder?) {
        access = DeviceAccess(global: global, options: device)
        options = storage.writeOptions(slot: device.slot)
        replaces = storage.replace
        self.recorder = recorder
    }

    /// A key with a proven credential on it.
    struct Written {
        let device: DeviceInfo
        let isVirtual: Bool
        let slot: Int?
        let verification: Verification
        /// Whether the slot has an access code from now on; nil where slots have none.
        let isProtected: Bool?
        /// What else is so in the ledger since.
        let remarks: [String]
    }

    /// Refuses what the key cannot take, as far as it tells without its access code. Writes nothing.
    ///
    /// - Parameters:
    ///   - other: where on the same bus the key is that is open meanwhile.
    ///   - accepts: refuses a key that is not the one that is wanted.
    func check(
        _ credential: Credential, beside other: USBLocation?, accepts: (DeviceInfo) throws -> Void
    ) throws {
        try access.inspect(beside: other) { session in
            try accepts(session.device)
            guard !session.isLocked else { return try session.check(credential, options) }
            try Enrollment(credential, options: options, replaces: replaces).check(on: session)
        }
    }

    /// Says what was done, after all of it was.
    ///
    /// - Parameters:
    ///   - accepts: refuses a key that is not the one that is wanted, before anything is written.
    ///   - prepare: sets up the open session.
    ///   - finish: what is still to do with the open key.
    func write<Result>(
        _ credential: Credential, accepts: (DeviceInfo) throws -> Void = { _ in },
        prepare: (any ProvisioningSession) throws -> Void = { _ in },
        finish: (Written, DeviceAccess.Opened) throws -> Result
    ) throws -> Result {
        try access.withSession(
            for: [.list, .write(options)],
            check: { session in
                try session.check(credential, options)
                try accepts(session.device)
            },
            { opened in
                try prepare(opened.session)
                let written = try prove(credential, opened)
                let serial = written.device.serial.map { ", serial \($0)" } ?? ""
                access.global.console.note(
                    "wrote '\(credential.label.text)' to \(written.device.model)\(serial); "
                        + "verified: \(written.verification.rawValue)")
                if let slot = written.slot, written.isProtected == true {
                    access.global.console.note(Phrases.isProtected(slot))
                }
                written.remarks.forEach(access.global.console.note)
                return try finish(written, opened)
            })
    }

    private func prove(_ credential: Credential, _ opened: DeviceAccess.Opened) throws -> Written {
        let device = opened.session.device
        var enrollment = Enrollment(credential, options: options, replaces: replaces)
        try enrollment.check(on: opened.session, observe: tell)
        let entry = try recorder?.start(credential, options, on: device, isVirtual: opened.isVirtual)
        let verification: Verification
        do throws(DeviceError) {
            verification = try enrollment.write(on: opened.session, observe: tell)
        } catch {
            if let entry { recorder?.fail(entry, error) }
            guard enrollment.mayHaveWritten(despite: error) else { throw error }
            throw CommandFailure.unproven(error, opened.attached, name: credential.label.text)
        }
        let remarks = try entry.flatMap { try recorder?.finish($0, verification) } ?? []
        return Written(
            device: device, isVirtual: opened.isVirtual, slot: options.slot, verification: verification,
            isProtected: (opened.session as? any SlotProvisioning).map { $0.accessCodeOfWrites != nil },
            remarks: remarks)
    }

    private func tell(_ step: EnrollmentStep) {
        let console = access.global.console
        if step.isSaid { console.say(step.text) } else { console.detail(step.text) }
    }
}
