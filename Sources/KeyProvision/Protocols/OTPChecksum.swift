import ByteBuffers

/// The checksum of frames, configurations and responses: CRC-16/MCRF4XX, i.e. that of ISO/IEC 13239 with initial value
/// FFFF and without its final inversion (yubikey-personalization, `ykcrc.h`).
enum OTPChecksum {
    /// What the checksum of data and of its checksum, low byte first and inverted, comes to.
    static let residual: UInt16 = 0xF0B8
    /// In bytes.
    static let length = 2

    static func compute(_ bytes: RawSpan) -> UInt16 {
        (0..<bytes.byteCount).reduce(initialValue) { checksum, index in step(checksum, bytes.byte(at: index) ?? 0) }
    }

    static func compute(_ bytes: some Sequence<UInt8>) -> UInt16 { bytes.reduce(initialValue, step) }

    private static func step(_ checksum: UInt16, _ byte: UInt8) -> UInt16 {
        checksum >> UInt16(UInt8.bitWidth) ^ remainders[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)]
    }

    /// Of each value of a byte, since every report of every answer is checked.
    private static let remainders: [UInt16] = (0...UInt8.max).map { byte in
        (0..<UInt8.bitWidth).reduce(UInt16(byte)) { checksum, _ in
            checksum & 1 == 0 ? checksum >> 1 : checksum >> 1 ^ reflectedPolynomial
        }
    }

    private static let initialValue: UInt16 = 0xFFFF
    private static let reflectedPolynomial: UInt16 = 0x8408
}
