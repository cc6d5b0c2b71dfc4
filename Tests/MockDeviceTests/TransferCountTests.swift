import MockDevices
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// An enrollment into an OATH application takes no transfer that the protocol does not ask for. Each exchange is one
/// transfer out and one in.
@Suite struct TransferCountTests {
    private static let oath = Bench.Subject.named.filter {
        $0.features.enrollmentTransfers != nil && $0.features.accessCode == .application
    }
    private static let transfersPerExchange = 2

    /// The minimum stands with the features of the family, where its sum is explained.
    @Test(arguments: Bench.Subject.all.filter { $0.features.enrollmentTransfers != nil })
    func anEnrollmentTakesTheMinimum(_ subject: Bench.Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("alice"))
        #expect(bench.key.transferCount == subject.features.enrollmentTransfers)
        #expect(bench.key.transfers.allSatisfy { $0.error == nil })
    }

    /// The rest are looks at a device that works, and a second look before a write that others could have come before.
    private static let others: Set = ["onlykeyduo", "mooltipass7"]

    @Test(arguments: Bench.Subject.all.filter { $0.features.leastTransfers != nil && !others.contains($0.model.name) })
    func anEnrollmentTakesFewMoreThanTheLeast(_ subject: Bench.Subject) throws {
        let bench = try Bench(subject)
        let least = try #require(subject.features.leastTransfers)
        try bench.with { session in
            // Reading the tries before the PIN is the command line's.
            _ = try (session as? any PINProvisioning)?.triesLeft(of: .admin)
            var enrollment = Enrollment(try Samples.totp("alice"), options: subject.place(0))
            _ = try enrollment.run(on: session)
        }
        // Old firmware of a family announces its commands, and proves by codes.
        let extra = subject.proof(of: .totp(period: 30)) == .codes ? 6 : 2
        #expect((least...least + extra).contains(bench.key.transferCount), "\(bench.key.transferCount)")
    }

    @Test(arguments: oath.filter { $0.features.hotp != nil }, [UInt64(0), 1, 6])
    func theLowestCounterTakesOneWriteMore(_ subject: Bench.Subject, _ above: UInt64) throws {
        let bench = try Bench(subject)
        let minimum = try #require(subject.features.enrollmentTransfers)
        try bench.enroll(try Samples.hotp("counting", counter: subject.features.minCounter + above))
        // Where a name in use is refused it is deleted before.
        let writes = above > 0 ? 0 : subject.features.minCounter > 0 ? 2 : 1
        #expect(bench.key.transferCount == minimum + writes * Self.transfersPerExchange)
    }

    @Test(arguments: oath)
    func aCodeNeedsNoMoreThanListingAndComputing(_ subject: Bench.Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("alice"))
        let before = bench.key.transferCount
        _ = try bench.code("Example:alice")
        // LIST and CALCULATE are part of an enrollment; PUT, and a second proof where one is not enough, are not of a code.
        let rest = subject.features.totp?.proof == .codes ? 2 : 1
        #expect(
            bench.key.transferCount - before
                == (try #require(subject.features.enrollmentTransfers)) - rest * Self.transfersPerExchange)
    }
}
