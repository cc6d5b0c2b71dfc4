import ByteBuffers

/// The class descriptor of a HID interface (HID 1.11, section 6.2.1).
///
///     0  1  bLength              9 with one subordinate descriptor
///     1  1  bDescriptorType      0x21
///     2  2  bcdHID               little-endian
///     4  1  bCountryCode
///     5  1  bNumDescriptors
///     6  1  bDescriptorType      of the first subordinate descriptor, 0x22 for the report descriptor
///     7  2  wDescriptorLength    little-endian
public struct HIDDescriptor: Hashable, Sendable {
    public let version: UInt16
    public let countryCode: UInt8
    /// In bytes.
    public let reportDescriptorLength: Int

    init(_ descriptor: inout RawDescriptor) throws(DescriptorError) {
        let offset = descriptor.offset
        let fields = try descriptor.fields(.functional) { body throws(ByteReader.EndOfBytes) in
            let (version, country) = (try body.littleEndian16(), try body.uint8())
            _ = try body.uint8()
            return (version, country, try body.uint8(), try body.littleEndian16())
        }
        guard fields.2 == DescriptorType.hidReport.rawValue else {
            throw DescriptorError(.wrongType(fields.2), at: offset)
        }
        (version, countryCode, reportDescriptorLength) = (fields.0, fields.1, Int(fields.3))
    }
}
