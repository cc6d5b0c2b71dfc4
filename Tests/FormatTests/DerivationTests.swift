import ByteBuffers
import TestSupport
import Testing

@testable import SecretFormats

/// The primitives below the encrypted backups, by the vectors of their standards.
@Suite struct DerivationTests {
    /// RFC 7914 section 12, the first 32 bytes of each.
    @Test(arguments: [
        ("password", "NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"),
        (
            "pleaseletmein", "SodiumChloride", 16384, 8, 1,
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        ),
    ]) func `scrypt gives the keys of its RFC`(
        password: String, salt: String, n: UInt64, r: UInt64, p: UInt64, expected: String
    ) throws {
        let key = try Scrypt.deriveKey(
            password: Secret(text: password), salt: Array(salt.utf8), n: n, r: r, p: p, count: 32,
            memoryLimit: 64 << 20)
        #expect(key.exposedHex == expected)
    }

    @Test func `scrypt takes no more memory than it may`() {
        #expect(throws: CryptoError.self) {
            try Scrypt.deriveKey(
                password: Secret(text: "a"), salt: [1], n: 16384, r: 8, p: 1, count: 32, memoryLimit: 1 << 20)
        }
    }

    /// The reference implementation's own tests (`src/test.c`), version 0x13.
    @Test(arguments: [
        (
            "somesalt", UInt32(2), UInt32(65536), UInt32(1),
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
        ),
        ("somesalt", 2, 256, 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        ("somesalt", 2, 256, 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
    ]) func `Argon2id gives the keys of the reference`(
        salt: String, passes: UInt32, memory: UInt32, lanes: UInt32, expected: String
    ) throws {
        let key = try Argon2id.deriveKey(
            password: Secret(text: "password"), salt: Array(salt.utf8),
            cost: Argon2id.Cost(passes: passes, memory: memory, lanes: lanes), count: 32)
        #expect(key.exposedHex == expected)
    }

    /// RFC 5869 appendix A.3: no salt and no info; the first 32 bytes.
    @Test func `HKDF gives the key of its RFC`() throws {
        let key = try withBytes(of: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04", Hex.decode)
        let derived = try HKDF.expand(key, info: "", count: 32, algorithm: .sha256)
        #expect(derived.exposedHex == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
    }

    /// RFC 5869 appendix A.3, both steps.
    @Test func `HKDF extracts before it expands`() throws {
        let key = Secret([UInt8](repeating: 0x0B, count: 22))
        let derived = try HKDF.derive(key, salt: [], info: "", count: 42, algorithm: .sha256)
        #expect(
            derived.exposedHex
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    }

    struct AssociatedDataCase {
        let algorithm: AEAD
        let key: String
        let nonce: String
        let associatedData: String
        let plaintext: String
        let sealed: String
    }

    /// McGrew and Viega's test case 16, and RFC 8439 section 2.8.2.
    static let associatedDataCases = [
        AssociatedDataCase(
            algorithm: .aes256GCM, key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888", associatedData: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24"
                + "49a6b525b16aedf5aa0de657ba637b39",
            sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
                + "56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
        AssociatedDataCase(
            algorithm: .chaCha20Poly1305, key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
            nonce: "070000004041424344454647", associatedData: "50515253c0c1c2c3c4c5c6c7",
            plaintext: hex(
                Array(
                    ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
                        + "sunscreen would be it.").utf8)),
            sealed: "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69"
                + "da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad67594"
                + "5585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"),
    ]

    @Test(arguments: associatedDataCases) func `Each AEAD seals and opens with associated data as its authors do`(
        vector: AssociatedDataCase
    ) throws {
        func field(_ text: String) throws -> [UInt8] { try #require(bytes(hex: text)) }
        let (key, nonce, data) = (
            Secret(try field(vector.key)), try field(vector.nonce), try field(vector.associatedData)
        )
        let sealed = WipedBuffer()
        try WipedBuffer(field(vector.plaintext)).withBytes { (plaintext: RawSpan) throws(CryptoError) in
            try vector.algorithm.seal(plaintext, key: key, nonce: nonce, associatedData: data, into: sealed)
        }
        #expect(hex(sealed.withBytes { [UInt8](copying: $0) }) == vector.sealed)
        func open(_ sealed: WipedBuffer, _ data: [UInt8]) throws(CryptoError) -> String? {
            try sealed.withBytes { (sealed: RawSpan) throws(CryptoError) in
                try vector.algorithm.open(sealed, key: key, nonce: nonce, associatedData: data)
            }
            .map { hex($0.withBytes { [UInt8](copying: $0) }) }
        }
        #expect(try open(sealed, data) == vector.plaintext)
        #expect(try open(sealed, data + [0]) == nil)
        #expect(try open(sealed, []) == nil)
    }

    /// "The Galois/Counter Mode of Operation" (McGrew, Viega), test cases 13 and 14.
    @Test(arguments: [
        (0, "", "530f8afbc74536b9a963b4f1c4cb738b"),
        (16, "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"),
    ]) func `AES-GCM gives the ciphertext and tag of its authors`(length: Int, ciphertext: String, tag: String) throws {
        let key = Secret([UInt8](repeating: 0, count: 32))
        let nonce = [UInt8](repeating: 0, count: 12)
        let plaintext = Secret([UInt8](repeating: 0, count: length))
        let sealed = try plaintext.withBytes { (bytes: RawSpan) throws(CryptoError) in
            try AEAD.aes256GCM.seal(bytes, key: key, nonce: nonce)
        }
        #expect(hex(sealed) == ciphertext + tag)
        #expect(try AEAD.aes256GCM.open(sealed, key: key, nonce: nonce) == plaintext)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(try AEAD.aes256GCM.open(changed, key: key, nonce: nonce) == nil)
        }
        #expect(throws: CryptoError.self) { try AEAD.aes256GCM.open(sealed, key: key, nonce: [0]) }
        #expect(try AEAD.aes256GCM.open([1, 2, 3], key: key, nonce: nonce) == nil)
    }
}
