import KeyProvision
import SecretFormats
import Testing

@testable import keyprov

/// What is refused before a key is plugged in, for a whole roster, is what the key would refuse.
@Suite struct FamilyCheckTests {
    @Test(arguments: Bench.Subject.all)
    func `A family refuses nothing that its keys take`(_ subject: Bench.Subject) throws {
        let credentials = try [
            Samples.totp("plain"), Samples.totp("hash", .sha256), Samples.totp("hash", .sha512),
            Samples.totp("digits", digits: 7), Samples.totp("digits", digits: 8), Samples.totp("period", period: 60),
            Samples.totp(String(repeating: "n", count: 56)), Samples.totp(String(repeating: "n", count: 70)),
            Samples.totp("1/2", issuer: nil), Samples.hotp("counter", counter: 0), Samples.hotp("counter", counter: 16),
        ]
        let places = [subject.place(0), WriteOptions(), WriteOptions(slot: 250)]
        var outcomes: Set<Bool> = []
        try Bench(subject).with { session in
            for credential in credentials {
                for place in places {
                    let family = refusal { () throws(DeviceError) in try subject.features.check(credential, place) }
                    let key = refusal { () throws(DeviceError) in try session.check(credential, place) }
                    #expect(family == nil || key != nil, "\(credential.label.account): \(String(describing: family))")
                    outcomes.insert(family == nil)
                }
            }
        }
        #expect(outcomes == [true, false])
    }

    private func refusal(_ check: () throws(DeviceError) -> Void) -> DeviceError? {
        do throws(DeviceError) {
            try check()
            return nil
        } catch {
            return error
        }
    }
}
