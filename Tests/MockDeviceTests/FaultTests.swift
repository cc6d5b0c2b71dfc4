import MockDevices
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// Every transfer of every job fails once in each way. What must hold then: the error is ours, nothing counts as proven
/// that is not, what was on the key before is still there, the interface is free, and the next run repairs the rest.
@Suite struct FaultTests {
    /// A job on a key that holds `Example:old` and `Example:spare`.
    enum Job: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case enrollTOTP, enrollHOTP0, enrollHOTP5, replace, list, code, codes, delete, rename

        var testDescription: String { rawValue }

        /// - Returns: what the job says was proven, nil for jobs that prove nothing.
        func run(_ session: any ProvisioningSession, _ subject: Bench.Subject) throws(DeviceError) -> Verification? {
            switch self {
            case .enrollTOTP, .enrollHOTP0, .enrollHOTP5, .replace:
                // Two places are as many as some keys have; on those with places each job replaces what is in the second.
                let replaces = self == .replace || subject.features.slots != nil
                var enrollment = Enrollment(
                    try credential(subject), options: FaultTests.place(subject), replaces: replaces)
                return try enrollment.run(on: session)
            case .list: _ = try session.list()
            case .code: _ = try session.code(for: try spare(session, subject), at: SessionOptions().unixTime)
            case .codes: _ = try session.codes(at: 59)
            case .delete: try session.delete(try spare(session, subject))
            case .rename: try session.rename(try spare(session, subject), to: try label("renamed"))
            }
            return nil
        }

        func credential(_ subject: Bench.Subject) throws(DeviceError) -> Credential {
            let credential =
                switch self {
                case .enrollHOTP0: try? Samples.hotp("new", counter: subject.features.minCounter)
                case .enrollHOTP5: try? Samples.hotp("new", counter: 5 * subject.features.counterStep)
                case .replace: try? Samples.totp("spare", secret: Samples.secret(0x61))
                default: try? Samples.totp("new")
                }
            guard let credential else { throw .hostCryptography }
            return credential
        }

        func isFor(_ subject: Bench.Subject) -> Bool {
            switch self {
            case .enrollHOTP0, .enrollHOTP5: subject.features.hotp != nil
            default: true
            }
        }

        var writes: Bool {
            switch self {
            case .enrollTOTP, .enrollHOTP0, .enrollHOTP5, .replace: true
            default: false
            }
        }

        /// What a key refuses before any transfer has none to fail.
        func isPossible(_ subject: Bench.Subject) -> Bool {
            (try? credential(subject)).map { !writes || subject.takes($0) } ?? false
        }

        private func label(_ account: String) throws(DeviceError) -> Label {
            guard let label = try? Label(issuer: "Example", account: account) else { throw .hostCryptography }
            return label
        }

        private func spare(
            _ session: any ProvisioningSession, _ subject: Bench.Subject
        ) throws(DeviceError) -> StoredCredential {
            let options = FaultTests.place(subject)
            let (slot, credential) = (options.slot, try credential(subject))
            let spare = try session.neighbors(of: credential, options).first {
                slot == nil ? $0.name == "Example:spare" : $0.isIn(slot: slot)
            }
            guard let spare else { throw .noSuchCredential }
            return spare
        }
    }

    /// Of all but `Example:old`, which has the first place.
    static func place(_ subject: Bench.Subject) -> WriteOptions { subject.place(1) }

    struct Case: Sendable, CustomTestStringConvertible {
        let subject: Bench.Subject
        let job: Job
        let fault: Fault
        var testDescription: String { "\(subject.testDescription), \(job), \(fault)" }

        /// On keys that prove a HOTP credential by computing: setting its counter back to 0 repeats the proven PUT, and
        /// nothing can prove the repetition without another step of the counter. A changed byte in it, which the CRC of
        /// USB keeps from happening, goes unseen.
        func isBeyondProof(_ number: Int, of transfers: Int) -> Bool {
            guard subject.habits.provesEachByte || !job.writes || fault != .garbled else { return true }
            let unproven = subject.habits.unprovenTransfer.map { transfers - $0 }
            return subject.features.hotp?.proof != .writeOnly && job == .enrollHOTP0 && fault == .garbled
                && number == unproven
        }

        static let all = Bench.Subject.all.flatMap { subject in
            Job.allCases.filter { $0.isPossible(subject) && $0.isFor(subject) }.flatMap { job in
                Fault.allCases.map { Case(subject: subject, job: job, fault: $0) }
            }
        }
    }

    @Test(arguments: Case.all)
    func everyTransferFailsOnce(_ test: Case) throws {
        let start = try memory(of: test.subject)
        let old = try Samples.totp("old")
        let undisturbed = try Bench(test.subject, memory: start)
        // RENAME is not in every firmware; the refusal costs no transfer, and the rest of the job still counts.
        _ = try? undisturbed.with { session throws in _ = try test.job.run(session, test.subject) }
        let transfers = undisturbed.key.transferCount
        #expect(transfers >= 6)

        for number in stride(from: 1, through: transfers, by: test.subject.habits.faultStride) {
            let bench = try Bench(test.subject, memory: start)
            bench.key.faults = FaultPlan(test.fault, atTransfer: number)
            let outcome = run(test.job, on: bench)
            bench.key.faults = .none
            if !bench.key.isPlugged { bench.key.plug() }

            // What the run proved is so, and what was there before is still there.
            if case .success(_?) = outcome, !test.isBeyondProof(number, of: transfers) {
                try expectComputes(bench, try test.job.credential(test.subject), "\(test), transfer \(number)")
            }
            #expect(
                try bench.code(of: old) == .code(OneTimePassword.code(for: old, at: 59)), "\(test), \(number)")

            // The next run repairs: with the same credential, whatever the first one left behind.
            if test.job.writes {
                let again = try test.job.credential(test.subject)
                let proof = test.subject.proof(of: again.kind)
                #expect(
                    try bench.enroll(again, Self.place(test.subject), replaces: true) == proof,
                    "\(test), transfer \(number)")
                try expectComputes(bench, again, "\(test), transfer \(number), second run")
            }
        }
    }

    /// Without a fault each job ends well, so that the loop above is about faults.
    @Test(arguments: Bench.Subject.all, Job.allCases)
    func withoutAFaultTheJobEndsWell(_ subject: Bench.Subject, _ job: Job) throws {
        guard job.isFor(subject) else { return }
        let bench = try Bench(subject, memory: try memory(of: subject))
        switch (job, run(job, on: bench)) {
        case (.rename, .failure(.notSupported)): break
        case (_, .failure(.notSupported)) where !job.isPossible(subject): break
        case (.code, .failure(.notSupported(.codesOnKeyOnly))): #expect(!subject.tellsCodes)
        case (_, .success(let verification)):
            let proof = try subject.proof(of: job.credential(subject).kind)
            #expect(verification == (job.writes ? proof : nil))
        case (_, .failure(let error)): Issue.record("\(error)")
        }
    }

    private func run(_ job: Job, on bench: Bench) -> Result<Verification?, DeviceError> {
        do throws(DeviceError) {
            let session = try bench.open()
            defer { session.close() }
            try bench.subject.habits.begin(session)
            return .success(try job.run(session, bench.subject))
        } catch {
            return .failure(error)
        }
    }

    private func memory(of subject: Bench.Subject) throws -> [UInt8] {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("old"))
        try bench.enroll(try Samples.totp("spare", secret: Samples.secret(0x51)), Self.place(subject))
        return bench.key.snapshot
    }

    /// The key computes with this very secret, and a HOTP counter stands where the server starts.
    private func expectComputes(_ bench: Bench, _ credential: Credential, _ comment: Comment) throws {
        let expected = try OneTimePassword.code(for: credential, at: 59)
        #expect(try bench.code(of: credential, Self.place(bench.subject)) == .code(expected), comment)
    }
}
