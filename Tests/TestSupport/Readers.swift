public import USBTransport

/// A configuration with one CCID interface: bulk 02 and 82, interrupt 83, packets of 64 bytes.
public func readerConfiguration(
    maxMessageLength: UInt16 = 3072, features: [UInt8] = [0xFE, 0x00, 0x04, 0x00]
) throws -> ConfigurationDescriptor {
    let length = [UInt8(truncatingIfNeeded: maxMessageLength), UInt8(truncatingIfNeeded: maxMessageLength >> 8), 0, 0]
    let ccid: [UInt8] =
        [54, 0x21, 0x10, 0x01, 0, 7, 2, 0, 0, 0] + [0xA0, 0x0F, 0, 0] + [0xA0, 0x0F, 0, 0, 0]
        + [0, 0xB0, 4, 0] + [0, 0xB0, 4, 0, 0] + [0xF6, 0x0B, 0, 0] + [UInt8](repeating: 0, count: 8)
        + features + length + [0xFF, 0xFF, 0, 0, 0, 1]
    let interface: [UInt8] = [9, 4, 0, 0, 3, 0x0B, 0, 0, 0]
    let endpoints: [UInt8] = [7, 5, 0x02, 2, 64, 0, 0, 7, 5, 0x82, 2, 64, 0, 0, 7, 5, 0x83, 3, 8, 0, 16]
    let body = interface + ccid + endpoints
    return try ConfigurationDescriptor(
        parsing: [9, 2, UInt8(truncatingIfNeeded: body.count + 9), 0, 1, 1, 0, 0x80, 15] + body)
}
