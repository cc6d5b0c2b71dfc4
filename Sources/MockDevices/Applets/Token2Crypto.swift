import COpenSSL

/// What the chip of a Token2 key computes with: P-256, AES-256-CBC, SHA-256 and HMAC-SHA256, all of OpenSSL's making.
enum Token2Crypto {
    static let scalarLength = 32
    static let pointLength = 64
    static let blockLength = 16

    /// X and Y of the point that belongs to a private key.
    ///
    /// - Throws: `.dataInvalid` for zero and what is not below the order of the curve.
    static func point(of scalar: [UInt8]) throws(StatusWord) -> [UInt8] {
        unsafe try onCurve { group, context in
            unsafe withScalar(scalar, group) { scalar, product in
                unsafe EC_POINT_mul(group, product, scalar, nil, nil, context) == 1
            }
        }
    }

    /// The X coordinate of the host's point times the private key.
    ///
    /// - Throws: `.dataInvalid` for what is no point of the curve.
    static func sharedX(_ scalar: [UInt8], _ point: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard point.count == pointLength else { throw .wrongLength }
        let encoded = [uncompressed] + point
        let shared = unsafe try onCurve { group, context in
            unsafe withScalar(scalar, group) { scalar, product in
                guard let peer = unsafe EC_POINT_new(group) else { return false }
                defer { unsafe EC_POINT_free(peer) }
                return unsafe EC_POINT_oct2point(group, peer, encoded, encoded.count, context) == 1
                    && EC_POINT_mul(group, product, nil, peer, scalar, context) == 1
            }
        }
        return Array(shared.prefix(pointLength / 2))
    }

    /// - Parameter body: gives a new point that the caller frees; nil for an error.
    private static func onCurve(
        _ body: (_ group: OpaquePointer, _ context: OpaquePointer) -> OpaquePointer?
    ) throws(StatusWord) -> [UInt8] {
        guard let group = unsafe EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else { throw .internalError }
        defer { unsafe EC_GROUP_free(group) }
        guard let context = unsafe BN_CTX_new() else { throw .internalError }
        defer { unsafe BN_CTX_free(context) }
        guard let product = unsafe body(group, context) else {
            ERR_clear_error()
            throw .dataInvalid
        }
        defer { unsafe EC_POINT_free(product) }
        var encoded = [UInt8](repeating: 0, count: pointLength + 1)
        let written = unsafe EC_POINT_point2oct(
            group, product, POINT_CONVERSION_UNCOMPRESSED, &encoded, encoded.count, context)
        guard written == encoded.count else { throw .dataInvalid }
        return Array(encoded.dropFirst())
    }

    private static func withScalar(
        _ bytes: [UInt8], _ group: OpaquePointer, _ body: (_ scalar: OpaquePointer, _ product: OpaquePointer) -> Bool
    ) -> OpaquePointer? {
        guard bytes.count == scalarLength, let scalar = unsafe BN_bin2bn(bytes, Int32(bytes.count), nil) else {
            return nil
        }
        defer { unsafe BN_clear_free(scalar) }
        guard unsafe BN_is_zero(scalar) == 0, unsafe BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0,
            let product = unsafe EC_POINT_new(group)
        else { return nil }
        guard unsafe body(scalar, product) else {
            unsafe EC_POINT_free(product)
            return nil
        }
        return unsafe product
    }

    // MARK: Ciphers

    /// Whole blocks, nothing added.
    static func encrypt(_ blocks: [UInt8], key: [UInt8], vector: [UInt8]) throws(StatusWord) -> [UInt8] {
        try run(blocks, key: key, vector: vector, encrypting: true)
    }

    static func decrypt(_ blocks: [UInt8], key: [UInt8], vector: [UInt8]) throws(StatusWord) -> [UInt8] {
        try run(blocks, key: key, vector: vector, encrypting: false)
    }

    private static func run(
        _ input: [UInt8], key: [UInt8], vector: [UInt8], encrypting: Bool
    ) throws(StatusWord) -> [UInt8] {
        guard key.count == keyLength, vector.count == blockLength, !input.isEmpty,
            input.count.isMultiple(of: blockLength)
        else { throw .wrongLength }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-CBC", nil) else { throw .internalError }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .internalError }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: input.count)
        var written: Int32 = 0
        guard unsafe EVP_CipherInit_ex2(context, cipher, key, vector, encrypting ? 1 : 0, nil) == 1,
            unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1,
            unsafe EVP_CipherUpdate(context, &output, &written, input, Int32(input.count)) == 1,
            Int(written) == output.count
        else { throw .internalError }
        return output
    }

    /// PKCS #7: as many bytes of that number as are missing, one to sixteen.
    static func padded(_ bytes: [UInt8]) -> [UInt8] {
        let count = blockLength - bytes.count % blockLength
        return bytes + [UInt8](repeating: UInt8(truncatingIfNeeded: count), count: count)
    }

    static func unpadded(_ bytes: [UInt8]) throws(StatusWord) -> [UInt8] {
        guard let last = bytes.last, 1...blockLength ~= Int(last), Int(last) <= bytes.count,
            bytes.suffix(Int(last)).allSatisfy({ $0 == last })
        else { throw .dataInvalid }
        return Array(bytes.dropLast(Int(last)))
    }

    static func sha256(_ bytes: [UInt8]) throws(StatusWord) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: keyLength)
        var written = 0
        guard unsafe EVP_Q_digest(nil, "SHA256", nil, bytes, bytes.count, &digest, &written) == 1,
            written == digest.count
        else { throw .internalError }
        return digest
    }

    private static let keyLength = 32
    private static let uncompressed: UInt8 = 0x04
}

extension StatusWord {
    static let dataInvalid = StatusWord(rawValue: 0x6984)
}
