import SecretFormats
import TestSupport
import Testing

@testable import KeyProvision

/// The OTP application as an applet, host side: what comes back may be anything.
@Suite struct OTPCardTests {
    private static let status: [UInt8] = [5, 4, 3, 1, 0x05, 0, 0x90, 0]
    private static let mac = [UInt8](1...20) + [0x90, 0]

    @Test(arguments: [status, mac, [0x6A, 0x80], [0x69, 0x85], [0x90, 0]])
    func `damaged answers end in our error or in a result`(_ whole: [UInt8]) throws {
        var generator = SeededGenerator(seed: 21)
        let damaged =
            (0...whole.count).map { Array(whole.prefix($0)) } + (0..<200).map { _ in mutated(whole, using: &generator) }
        for answer in damaged {
            for answers in [[Self.status, answer], [answer, Self.status]] {
                let channel = APDUChannel(connection: LooseCard(answers))
                guard let card = try? OTPCardChannel(channel), let session = try? OTPSession(card) else { continue }
                _ = try? session.readStatus(during: .listing)
                _ = try? session.respond(to: [1], in: .one, during: .calculating)
                _ = try? session.waitsForTouch(in: .one, during: .listing)
                _ = try? session.write(.hmacSHA1(key: Samples.secret(), touch: false), to: .two)
                _ = try? session.delete(.one, currentCode: nil)
                _ = try? session.swap(currentCode: nil)
            }
        }
    }

    @Test func `a status that is the same after a write is a refusal`() throws {
        let session = try OTPSession(OTPCardChannel(APDUChannel(connection: LooseCard([Self.status]))))
        #expect(throws: DeviceError.rejected(during: .writing, withAccessCode: false)) {
            try session.write(.hmacSHA1(key: Samples.secret(), touch: false), to: .one)
        }
    }

    @Test func `a refusal of a slot that works at a touch is a touch that was not given`() throws {
        let refusals = [Self.status, [0x69, 0x85]]
        let session = try OTPSession(OTPCardChannel(APDUChannel(connection: LooseCard([Self.status] + refusals))))
        _ = try session.readStatus(during: .calculating)
        #expect(throws: DeviceError.touchTimedOut) {
            try session.respond(to: [1], in: .one, during: .calculating)
        }
    }
}
