import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@testable import Sealing

struct RecordSealerTests {
    private let identity: AgeIdentity
    private let sealer: RecordSealer
    private let secret = Secret(WipedBuffer(Array("12345678901234567890".utf8)))
    private let row = Array("batch 1, entry 7".utf8)

    init() throws {
        identity = try AgeIdentity.generate(from: SystemRandom())
        sealer = try RecordSealer(for: .recipients([identity.recipient]))
    }

    private func opener() throws(SealError) -> RecordOpener {
        try RecordOpener(sealer.sealedDataKey, opening: .identities([identity]))
    }

    @Test func `A record opens for its row and no other`() throws {
        let record = try sealer.seal(secret, row: row)
        #expect(record.count == 1 + 12 + 20 + 16)
        #expect(try opener().open(record, row: row) == secret)
        #expect(throws: SealError.changedRecord) { try opener().open(record, row: row + [0]) }
        #expect(throws: SealError.changedRecord) { try opener().open(record, row: []) }
    }

    @Test func `Every truncation and every flipped bit of a record is refused`() throws {
        let record = try sealer.seal(secret, row: row)
        let opener = try opener()
        for length in record.indices {
            #expect(throws: SealError.self) { try opener.open(Array(record.prefix(length)), row: row) }
        }
        for index in record.indices {
            for bit in 0..<8 {
                var changed = record
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: SealError.self) { try opener.open(changed, row: row) }
            }
        }
    }

    @Test func `The same secret is sealed otherwise each time`() throws {
        #expect(try sealer.seal(secret, row: row) != sealer.seal(secret, row: row))
    }

    @Test func `Records of another run do not open`() throws {
        let other = try RecordSealer(for: .recipients([identity.recipient]))
        let record = try other.seal(secret, row: row)
        #expect(throws: SealError.changedRecord) { try opener().open(record, row: row) }
    }

    @Test func `Only the recipients get at the data key`() throws {
        #expect(throws: SealError.noMatchingIdentity) {
            try RecordOpener(sealer.sealedDataKey, opening: .identities([try .generate(from: SystemRandom())]))
        }
        let file = try open(sealer.sealedDataKey, .identities([identity]))
        #expect(file.count == 32)
    }

    @Test func `A data key sealed anew opens the records for its new recipients only`() throws {
        let record = try sealer.seal(secret, row: row)
        let others = [try AgeIdentity.generate(from: SystemRandom()), try AgeIdentity.generate(from: SystemRandom())]
        let resealed = try SealedDataKey.reseal(
            sealer.sealedDataKey, opening: .identities([identity]), to: .recipients(others.map(\.recipient)))
        for other in others {
            #expect(try RecordOpener(resealed, opening: .identities([other])).open(record, row: row) == secret)
        }
        #expect(throws: SealError.noMatchingIdentity) { try RecordOpener(resealed, opening: .identities([identity])) }
        // And back, also by way of a passphrase.
        let passphrase = Secret(WipedBuffer(Array("correct horse".utf8)))
        let locked = try SealedDataKey.reseal(
            resealed, opening: .identities([others[1]]), to: .passphrase(passphrase, workFactor: 10))
        let back = try SealedDataKey.reseal(
            locked, opening: .passphrase(passphrase), to: .recipients([identity.recipient]))
        #expect(try RecordOpener(back, opening: .identities([identity])).open(record, row: row) == secret)
    }

    @Test func `Every truncation and every changed byte of a sealed data key is refused`() throws {
        let sealed = sealer.sealedDataKey
        let recipients = SealingKey.recipients([identity.recipient])
        for length in sealed.indices {
            #expect(throws: SealError.self) {
                try SealedDataKey.reseal(Array(sealed.prefix(length)), opening: .identities([identity]), to: recipients)
            }
        }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SealError.self) {
                try SealedDataKey.reseal(changed, opening: .identities([identity]), to: recipients)
            }
        }
    }

    @Test func `An age file that is no data key is none`() throws {
        for count in [0, 31, 33, 70_000] {
            let file = try seal([UInt8](repeating: 0, count: count), .recipients([identity.recipient]))
            #expect(throws: SealError.malformedRecord) { try RecordOpener(file, opening: .identities([identity])) }
            #expect(throws: SealError.malformedRecord) {
                try SealedDataKey.reseal(
                    file, opening: .identities([identity]), to: .recipients([identity.recipient]))
            }
        }
    }
}
