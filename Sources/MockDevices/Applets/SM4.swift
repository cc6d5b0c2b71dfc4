import COpenSSL

/// SM4 (GB/T 32907-2016) as a chip needs it: blocks deciphered, and the last block of a chain that begins with zeros.
enum SM4 {
    static let blockLength = 16

    static func encrypt(_ blocks: [UInt8], key: [UInt8]) throws(StatusWord) -> [UInt8] {
        try run(blocks, key: key, cipherName: "SM4-ECB", encrypting: true)
    }

    static func decrypt(_ blocks: [UInt8], key: [UInt8]) throws(StatusWord) -> [UInt8] {
        try run(blocks, key: key, cipherName: "SM4-ECB", encrypting: false)
    }

    static func lastOfChain(_ blocks: [UInt8], key: [UInt8]) throws(StatusWord) -> [UInt8] {
        Array(try run(blocks, key: key, cipherName: "SM4-CBC", encrypting: true).suffix(blockLength))
    }

    private static func run(
        _ input: [UInt8], key: [UInt8], cipherName: String, encrypting: Bool
    ) throws(StatusWord) -> [UInt8] {
        guard key.count == blockLength, !input.isEmpty, input.count.isMultiple(of: blockLength),
            let count = Int32(exactly: input.count)
        else { throw .wrongLength }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, cipherName, nil) else { throw .internalError }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .internalError }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let vector = [UInt8](repeating: 0, count: blockLength)
        var output = [UInt8](repeating: 0, count: input.count)
        var written: Int32 = 0
        guard unsafe EVP_CipherInit_ex2(context, cipher, key, vector, encrypting ? 1 : 0, nil) == 1,
            unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1,
            unsafe EVP_CipherUpdate(context, &output, &written, input, count) == 1, written == count
        else { throw .internalError }
        return output
    }
}
