import MockDevices
import SecretFormats
import Testing
import USBTransport

@testable import KeyProvision
@testable import keyprov

/// An enrollment into an OATH application takes no transfer that the protocol does not ask for. Each exchange is one
/// transfer out and one in.
@Suite struct TransferCountTests {
    /// The exchanges of one enrollment, with what would be missing without them.
    enum Exchange: CaseIterable {
        /// The card is off before.
        case powerOn
        /// The serial number is in another applet than the credentials.
        case selectIdentity
        case readSerial
        case selectOATH
        /// PUT overwrites without a question.
        case list
        case put
        /// The proof.
        case calculate
        /// An access code that was given would stay good for whoever comes next.
        case powerOff
    }

    private static let transfersPerExchange = 2

    @Test(arguments: Bench.Subject.named)
    func anEnrollmentTakesTheMinimum(_ subject: Bench.Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("alice"))
        #expect(bench.key.transferCount == Exchange.allCases.count * Self.transfersPerExchange)
        #expect(bench.key.transfers.allSatisfy { $0.error == nil })
    }

    @Test(arguments: Bench.Subject.named, [(UInt64(0), 2), (1, 1), (7, 1)])
    func aCounterThatStartsAtZeroTakesOneWriteMore(_ subject: Bench.Subject, _ start: (counter: UInt64, puts: Int))
        throws
    {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.hotp("counting", counter: start.counter))
        let exchanges = Exchange.allCases.count - 1 + start.puts
        #expect(bench.key.transferCount == exchanges * Self.transfersPerExchange)
    }

    @Test(arguments: Bench.Subject.named)
    func aCodeNeedsNoMoreThanListingAndComputing(_ subject: Bench.Subject) throws {
        let bench = try Bench(subject)
        try bench.enroll(try Samples.totp("alice"))
        let before = bench.key.transferCount
        _ = try bench.code("Example:alice")
        #expect(bench.key.transferCount - before == (Exchange.allCases.count - 1) * Self.transfersPerExchange)
    }
}
