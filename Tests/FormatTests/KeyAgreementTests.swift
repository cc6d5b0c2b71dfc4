import ByteBuffers
import TestSupport
import Testing

@testable import SecretFormats

/// Diffie-Hellman on P-256, and AES with vectors that a protocol tells.
@Suite struct KeyAgreementTests {
    /// RFC 5903, section 8.1.
    private enum Published {
        static let initiator = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
        static let initiatorPoint =
            "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
            + "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
        static let responder = "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"
        static let responderPoint =
            "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
            + "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"
        static let shared = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"
    }

    private static let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

    private func key(_ hex: String) throws -> P256KeyAgreement? {
        try P256KeyAgreement(Secret(try #require(bytes(hex: hex))))
    }

    @Test func `both sides have the published points and secret`() throws {
        let initiator = try #require(try key(Published.initiator))
        let responder = try #require(try key(Published.responder))
        #expect(hex(initiator.publicPoint) == Published.initiatorPoint)
        #expect(hex(responder.publicPoint) == Published.responderPoint)
        #expect(try initiator.sharedSecret(with: responder.publicPoint)?.exposedHex == Published.shared)
        #expect(try responder.sharedSecret(with: initiator.publicPoint)?.exposedHex == Published.shared)
    }

    /// Of what a private key would leak through: another curve's points, no points, and nothing at all.
    @Test func `what is no point of the curve is refused`() throws {
        let own = try #require(try key(Published.initiator))
        let point = try #require(bytes(hex: Published.responderPoint))
        for length in 0..<point.count { #expect(try own.sharedSecret(with: Array(point[..<length])) == nil) }
        #expect(try own.sharedSecret(with: point + [0]) == nil)
        #expect(try own.sharedSecret(with: [UInt8](repeating: 0, count: 64)) == nil)
        #expect(try own.sharedSecret(with: [UInt8](repeating: 0xFF, count: 64)) == nil)
        // X above the prime of the field, Y as it was.
        #expect(try own.sharedSecret(with: [UInt8](repeating: 0xFF, count: 32) + point[32...]) == nil)
        for index in point.indices {
            for bit in 0..<8 as Range<UInt8> {
                var changed = point
                changed[index] ^= 1 << bit
                #expect(try own.sharedSecret(with: changed) == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func `a private key is above zero and below the order of the curve`() throws {
        #expect(try key(String(repeating: "0", count: 64)) == nil)
        #expect(try key(Self.order) == nil)
        #expect(try key(String(repeating: "f", count: 64)) == nil)
        // The order less 1 is the base point turned over.
        let last = try #require(try key(String(Self.order.dropLast()) + "0"))
        let first = try #require(try key(String(repeating: "0", count: 63) + "1"))
        #expect(last.publicPoint[..<32] == first.publicPoint[..<32] && last.publicPoint != first.publicPoint)
        #expect(throws: CryptoError.self) { try self.key("01") }
    }

    @Test func `two new keys agree, and none is drawn twice`() throws {
        let source = SeededSource(seed: 256)
        var seen: Set<[UInt8]> = []
        for _ in 0..<50 {
            let (one, other) = (try P256KeyAgreement(random: source), try P256KeyAgreement(random: source))
            let shared = try #require(try one.sharedSecret(with: other.publicPoint))
            #expect(try other.sharedSecret(with: one.publicPoint) == shared)
            #expect(seen.insert(one.publicPoint).inserted && seen.insert(other.publicPoint).inserted)
        }
    }

    @Test func `a source that gives no numbers of the curve is an error`() {
        struct Ones: RandomSource {
            func fill(_ bytes: inout MutableRawSpan) {
                bytes.withUnsafeMutableBytes { bytes in for index in bytes.indices { bytes[index] = 0xFF } }
            }
        }
        #expect(throws: CryptoError.self) { try P256KeyAgreement(random: Ones()) }
        #expect(throws: CryptoError.self) { try P256KeyAgreement(random: FailingSource()) }
    }

    /// NIST SP 800-38A, section F.2.5, the first block.
    @Test func `AES-256-CBC gives the published block`() throws {
        let key = Secret(
            try #require(bytes(hex: "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")))
        let vector = Array(0..<16 as Range<UInt8>)
        let plaintext = Secret(try #require(bytes(hex: "6bc1bee22e409f96e93d7e117393172a")))
        let sealed = try plaintext.withBytes { bytes throws(CryptoError) in
            try AESCBC.encryptBlocks(bytes, key: key, vector: vector)
        }
        #expect(sealed.exposedHex == "f58c4c04d6e5f1ba779eabfb5f7bfbd6")
        let opened = try sealed.withBytes { bytes throws(CryptoError) in
            try AESCBC.decryptBlocks(bytes, key: key, vector: vector)
        }
        #expect(opened == plaintext)
        let padded = try plaintext.withBytes { bytes throws(CryptoError) in
            try AESCBC.encrypt(bytes, key: key, vector: vector)
        }
        #expect(padded.count == 32 && hex(Array(padded[..<16])) == sealed.exposedHex)
        #expect(try AESCBC.decrypt(vector + padded, key: key) == plaintext)
        #expect(throws: CryptoError.self) {
            try plaintext.withBytes { bytes throws(CryptoError) in
                try AESCBC.encryptBlocks(bytes, key: key, vector: [0])
            }
        }
    }
}
