import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@testable import Sealing

struct KeyTests {
    /// C2SP age, "The X25519 recipient type".
    private static let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    private static let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

    private func identity(_ text: String) throws(SealError) -> AgeIdentity {
        try WipedBuffer(Array(text.utf8)).withBytes { (text: RawSpan) throws(SealError) in
            try AgeIdentity(parsing: text)
        }
    }

    private func text(_ identity: AgeIdentity) -> String {
        let text = WipedBuffer()
        identity.write(into: text)
        return text.withBytes { String(decoding: $0) }
    }

    @Test func `The specification's identity has its recipient`() throws {
        let identity = try identity(Self.identity)
        #expect(identity.recipient.text == Self.recipient)
        #expect(try AgeRecipient(Self.recipient) == identity.recipient)
        #expect(text(identity) == Self.identity)
        #expect(try self.identity(Self.identity.lowercased()).recipient == identity.recipient)
        #expect(try AgeRecipient(Self.recipient.uppercased()) == identity.recipient)
    }

    /// RFC 7748 section 6.1: Bob's private key and Alice's public one.
    @Test func `X25519 gives the shared secret of its authors`() throws {
        let bob = Secret(
            WipedBuffer(
                try #require(bytes(hex: "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))))
        let alice = try #require(bytes(hex: "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
        let shared = try #require(
            bytes(hex: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"))
        #expect(
            hex(try X25519.publicKey(of: bob)) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
        #expect(try X25519.sharedSecret(of: bob, with: alice) == Secret(WipedBuffer(shared)))
        #expect(try X25519.sharedSecret(of: bob, with: [UInt8](repeating: 0, count: 32)) == nil)
    }

    @Test func `A key is refused with what is wrong about it`() {
        func fault(_ text: String) -> KeyFault? {
            do throws(SealError) { _ = try AgeRecipient(text) } catch {
                if case .malformedKey(let fault, nil) = error { return fault }
            }
            return nil
        }
        #expect(fault("") == .otherKind)
        #expect(fault("age1") == .length)
        #expect(fault(Self.identity) == .otherKind)
        #expect(fault("age1pq1" + Self.recipient.dropFirst(4)) == .alphabet)
        #expect(fault("ssh-ed25519 AAAA") == .otherKind)
        #expect(fault(String(Self.recipient.dropLast())) == .checksum)
        #expect(fault(Self.recipient.replacing("zvk", with: "zvb")) == .alphabet)
        #expect(fault("A" + Self.recipient.dropFirst()) == .mixedCase)
        let short = WipedBuffer()
        WipedBuffer([1, 2, 3]).withBytes { Bech32.encode($0, prefix: "age", into: short) }
        #expect(fault(short.withBytes { String(decoding: $0) }) == .length)
    }

    @Test func `One wrong character of a key is always found`() throws {
        for text in [Self.recipient] {
            for index in text.indices {
                for letter in "qpzry9x8gf2tvdw0s3jn54khce6mua7l1" where letter != text[index] {
                    var changed = text
                    changed.replaceSubrange(index...index, with: String(letter))
                    #expect(throws: SealError.self) { try AgeRecipient(changed) }
                }
            }
        }
    }

    @Test func `Mutations of keys are refused`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let changed = mutated(Array(Self.identity.utf8), using: &generator)
            guard changed != Array(Self.identity.utf8) else { continue }
            #expect(throws: SealError.self) {
                try WipedBuffer(changed).withBytes { (text: RawSpan) throws(SealError) in try AgeIdentity(parsing: text)
                }
            }
        }
    }

    @Test func `Files of keys have comments, blank lines and line ends of every system`() throws {
        let file = "# created\r\n\r\n  # public key: \(Self.recipient)\n\(Self.identity)\r\n\n\(Self.identity)"
        let identities = try WipedBuffer(Array(file.utf8)).withBytes { (file: RawSpan) throws(SealError) in
            try AgeIdentity.list(parsing: file)
        }
        #expect(identities.map(\.recipient.text) == [Self.recipient, Self.recipient])
        #expect(throws: SealError.malformedKey(.otherKind, line: 2)) {
            try WipedBuffer(Array("#\n\(Self.identity)".utf8)).withBytes { (file: RawSpan) throws(SealError) in
                try AgeRecipient.list(parsing: file)
            }
        }
        #expect(throws: SealError.noKeys) {
            try WipedBuffer(Array("# none\n".utf8)).withBytes { (file: RawSpan) throws(SealError) in
                try AgeRecipient.list(parsing: file)
            }
        }
    }

    @Test func `Nobody's key is sealed to`() throws {
        let nobody = AgeRecipient(publicKey: [UInt8](repeating: 0, count: 32))
        #expect(throws: SealError.malformedKey(.weak, line: nil)) { try SealedFileWriter(for: .recipients([nobody])) }
        #expect(throws: SealError.noKeys) { try SealedFileWriter(for: .recipients([])) }
        #expect(throws: SealError.emptyPassphrase) {
            try SealedFileWriter(for: .passphrase(Secret(count: 0) { _ in }, workFactor: 1))
        }
    }

    @Test func `The wrong kind of key is told apart from a wrong key`() throws {
        let (mine, other) = (
            try AgeIdentity.generate(from: SystemRandom()), try AgeIdentity.generate(from: SystemRandom())
        )
        let passphrase = Secret(WipedBuffer(Array("correct horse".utf8)))
        let (toMe, locked) = (
            try seal([1], .recipients([other.recipient, mine.recipient])),
            try seal([1], .passphrase(passphrase, workFactor: 4))
        )
        #expect(try open(toMe, .identities([mine])) == [1])
        #expect(try open(toMe, .identities([try .generate(from: SystemRandom()), other])) == [1])
        #expect(try open(locked, .passphrase(passphrase)) == [1])
        #expect(throws: SealError.needsIdentity) { try open(toMe, .passphrase(passphrase)) }
        #expect(throws: SealError.needsPassphrase) { try open(locked, .identities([mine])) }
        #expect(throws: SealError.wrongPassphrase) {
            try open(locked, .passphrase(Secret(WipedBuffer(Array("wrong".utf8)))))
        }
        #expect(throws: SealError.noMatchingIdentity) {
            try open(toMe, .identities([try .generate(from: SystemRandom())]))
        }
    }

    @Test func `Each file has keys of its own`() throws {
        let identity = try AgeIdentity.generate(from: SystemRandom())
        #expect(try seal([1], .recipients([identity.recipient])) != seal([1], .recipients([identity.recipient])))
    }
}
