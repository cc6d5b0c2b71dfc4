import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@Suite struct CryptographyTests {
    /// FIPS 180-4's example message "abc", and no message at all.
    @Test(arguments: [
        (HashAlgorithm.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            .sha512, "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ]) func `Digests are those of the standard`(algorithm: HashAlgorithm, message: String, expected: String) throws {
        #expect(hex(try algorithm.digest(of: Array(message.utf8))) == expected)
        #expect(try Secret(text: message).hashed(with: algorithm).exposedHex == expected)
        #expect(algorithm.digestLength * 2 == expected.count)
    }

    /// GB/T 32907-2016, appendix A.1: one block; a chain of one block that begins with zeros is the same.
    @Test func `SM4 is that of the standard`() throws {
        let block = try #require(bytes(hex: "0123456789abcdeffedcba9876543210"))
        let key = Secret(WipedBuffer(block))
        let encrypted = try WipedBuffer(block).withBytes { try SM4.encrypt($0, key: key) }
        #expect(hex(encrypted) == "681edf34d206965e86b3e94f536e4246")
        #expect(try WipedBuffer(block).withBytes { try SM4.lastOfChain($0, key: key) } == encrypted)
        for count in [0, 1, 15, 17] {
            let bytes = WipedBuffer([UInt8](repeating: 0, count: count))
            #expect(throws: CryptoError.self) { try bytes.withBytes { try SM4.encrypt($0, key: key) } }
        }
        #expect(throws: CryptoError.self) {
            try WipedBuffer(block).withBytes { try SM4.encrypt($0, key: Secret(text: "short")) }
        }
    }

    /// RFC 2202 section 3 and RFC 4231 section 4, test cases 1 and 6 (a key longer than a block); the empty key
    /// as Python's hmac module computes it.
    @Test(arguments: [
        (
            HashAlgorithm.sha1, String(repeating: "0b", count: 20), "Hi There",
            "b617318655057264e28bc0b6fb378c8ef146be00"
        ),
        (
            .sha256, String(repeating: "0b", count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            .sha512, String(repeating: "0b", count: 20), "Hi There",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
        ),
        (
            .sha256, String(repeating: "aa", count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (.sha1, "", "", "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"),
        (.sha256, "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]) func `MACs are those of the RFCs`(
        algorithm: HashAlgorithm, key: String, message: String, expected: String
    ) throws {
        let key = Secret(try #require(bytes(hex: key)))
        #expect(hex(try HMAC.authenticate(Array(message.utf8), key: key, algorithm: algorithm)) == expected)
    }

    /// RFC 6070 section 2, and figure 7 of RFC 6030.
    @Test(arguments: [
        ("password", "73616c74", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        ("password", "73616c74", 4096, "4b007901b765489abead49d926f721d065a429c1"),
        ("pass\u{0}word", "7361006c74", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        ("qwerty", "123eff3c4a72129c", 1000, "651e63cd57008476af1ff6422cd02e41"),
    ]) func `Derived keys are those of the RFCs`(
        password: String, salt: String, iterations: Int, expected: String
    ) throws {
        let key = try PBKDF2.deriveKey(
            password: Secret(text: password), salt: try #require(bytes(hex: salt)), iterations: iterations,
            count: expected.count / 2, algorithm: .sha1)
        #expect(key.exposedHex == expected)
    }

    @Test(arguments: [(0, 16), (-1, 16), (Int.max, 16), (1, 0), (1, -1)])
    func `Impossible parameters of a derivation are errors`(iterations: Int, count: Int) {
        #expect(throws: CryptoError(.deriveKey, code: .invalidArgument)) {
            try PBKDF2.deriveKey(
                password: Secret(text: "x"), salt: [], iterations: iterations, count: count, algorithm: .sha256)
        }
    }
}
