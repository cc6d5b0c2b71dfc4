internal import ByteBuffers
internal import COpenSSL

/// One side of a Diffie-Hellman exchange on the curve P-256 (NIST SP 800-56A, section 5.7.1.2; SP 800-186, section 3.2.1.3).
///
/// Points are the two coordinates and nothing before them:
///
///      0  32  X, big-endian
///     32  32  Y
public struct P256KeyAgreement: Sendable {
    public static let pointLength = 64
    static let scalarLength = 32

    /// X and Y of the point for the other side.
    public let publicPoint: [UInt8]
    private let scalar: Secret

    /// With a new key, for one exchange.
    public init(random: some RandomSource) throws(CryptoError) {
        // One number in 2^32 is none of the curve's; a source that gives only such is broken.
        for _ in 0..<Self.mostDraws {
            let scalar = try Secret.random(count: Self.scalarLength, from: random)
            if let key = try P256KeyAgreement(scalar) {
                self = key
                return
            }
        }
        throw CryptoError(.random, code: .unknown)
    }

    /// - Parameter privateKey: 32 bytes, big-endian.
    /// - Returns: nil where that is zero, or not below the order of the curve.
    init?(_ privateKey: Secret) throws(CryptoError) {
        guard let product = try P256Curve().multiply(privateKey, point: nil) else { return nil }
        scalar = privateKey
        publicPoint = product.withBytes { [UInt8](copying: $0) }
    }

    /// What both sides know: the X coordinate, 32 bytes. A key is derived from it; it is none itself.
    ///
    /// - Parameter point: of the other side.
    /// - Returns: nil for what is no point of the curve, which would tell the other side of the private key.
    public func sharedSecret(with point: [UInt8]) throws(CryptoError) -> Secret? {
        let product = try P256Curve().multiply(scalar, point: point)
        return product?.withBytes { Secret(copying: $0.extracting(first: Self.scalarLength)) }
    }

    private static let mostDraws = 16
}

/// The curve as OpenSSL holds it. Its multiplication takes the same time for all scalars.
@safe private final class P256Curve {
    private let group: OpaquePointer
    private let context: OpaquePointer

    init() throws(CryptoError) {
        guard let group = unsafe EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else {
            throw CryptoError.latest(.deriveKey)
        }
        guard let context = unsafe BN_CTX_secure_new() else {
            unsafe EC_GROUP_free(group)
            throw CryptoError.latest(.deriveKey)
        }
        unsafe (self.group, self.context) = (group, context)
    }

    deinit {
        unsafe BN_CTX_free(context)
        unsafe EC_GROUP_free(group)
    }

    /// X and Y of a multiple of `point`, or of the base point where there is none.
    ///
    /// - Returns: nil where `scalar` or `point` is none of this curve's.
    func multiply(_ scalar: Secret, point: [UInt8]?) throws(CryptoError) -> Secret? {
        guard scalar.count == P256KeyAgreement.scalarLength, let number = unsafe BN_secure_new(),
            let order = unsafe EC_GROUP_get0_order(group)
        else { throw CryptoError(.deriveKey, code: .invalidArgument) }
        defer { unsafe BN_clear_free(number) }
        let isRead = scalar.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe BN_bin2bn(
                    bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(truncatingIfNeeded: bytes.count),
                    number) != nil
            }
        }
        guard isRead else { throw CryptoError.latest(.deriveKey) }
        guard unsafe BN_is_zero(number) == 0, unsafe BN_cmp(number, order) < 0 else { return nil }
        unsafe BN_set_flags(number, BN_FLG_CONSTTIME)

        var base: OpaquePointer?
        defer { unsafe EC_POINT_free(base) }
        if let point {
            unsafe base = try decoded(point)
            guard unsafe base != nil else { return nil }
        }
        guard let product = unsafe EC_POINT_new(group) else { throw CryptoError.latest(.deriveKey) }
        defer { unsafe EC_POINT_clear_free(product) }
        let isMultiplied =
            if point == nil {
                unsafe EC_POINT_mul(group, product, number, nil, nil, context)
            } else {
                unsafe EC_POINT_mul(group, product, nil, base, number, context)
            }
        guard isMultiplied == 1 else { throw CryptoError.latest(.deriveKey) }
        return unsafe try encoded(product)
    }

    /// - Returns: nil for what is not on the curve, which OpenSSL looks at.
    private func decoded(_ point: [UInt8]) throws(CryptoError) -> OpaquePointer? {
        guard point.count == P256KeyAgreement.pointLength else { return nil }
        guard let decoded = unsafe EC_POINT_new(group) else { throw CryptoError.latest(.deriveKey) }
        let bytes = [Self.uncompressed] + point
        guard unsafe EC_POINT_oct2point(group, decoded, bytes, bytes.count, context) == 1 else {
            unsafe EC_POINT_free(decoded)
            ERR_clear_error()
            return nil
        }
        return unsafe decoded
    }

    /// - Throws: for the point at infinity too, which has no coordinates; no multiple below the order of the curve is that.
    private func encoded(_ point: OpaquePointer) throws(CryptoError) -> Secret {
        let length = P256KeyAgreement.pointLength + 1
        var written = 0
        let encoded = Secret(count: length) { output in
            written = unsafe output.withUnsafeMutableBytes { output in
                unsafe EC_POINT_point2oct(
                    group, point, POINT_CONVERSION_UNCOMPRESSED,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count, context)
            }
        }
        guard written == length else { throw CryptoError.latest(.deriveKey) }
        return encoded.withBytes { Secret(copying: $0.extracting(droppingFirst: 1)) }
    }

    /// Before both coordinates (SEC 1, section 2.3.3).
    private static let uncompressed: UInt8 = 0x04
}
