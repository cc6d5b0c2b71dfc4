import MockDevices
import Testing

@testable import KeyProvision
@testable import keyprov

@Suite struct FamilyPINTests {
    /// What is said of PINs before a key is attached is what its session asks for.
    @Test(arguments: Bench.Subject.all)
    func thePINsOfTheFamilyAreThoseOfTheSession(_ subject: Bench.Subject) throws {
        let bench = try Bench(subject)
        let session = try bench.open()
        defer { session.close() }
        let keeper = session as? any PINProvisioning
        #expect((keeper == nil) == subject.features.pins.isEmpty)
        let operations: [PINUse.Job: PINOperation] = [
            .list: .list, .write: .write(WriteOptions()), .code: .compute, .delete: .delete, .rename: .rename,
            .reverse: .writeHost,
        ]
        for job in PINUse.Job.allCases {
            let operation = try #require(operations[job])
            let always = subject.features.pins.filter { $0.isAlwaysNeeded && $0.jobs.contains(job) }.map(\.pin)
            #expect((keeper?.pins(for: operation) ?? []) == always.map { .required($0) }, "\(job)")
        }
    }
}
