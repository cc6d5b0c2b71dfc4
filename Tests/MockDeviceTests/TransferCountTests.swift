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
