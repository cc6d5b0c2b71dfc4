import ByteBuffers

/// A configuration with its interfaces (USB 2.0, section 9.6.3), parsed from the whole set that the device returns.
///
///     0  1  bLength               9
///     1  1  bDescriptorType       2
///     2  2  wTotalLength          little-endian; bytes of the whole set
///     4  1  bNumInterfaces
///     5  1  bConfigurationValue
///     6  1  iConfiguration
///     7  1  bmAttributes
///     8  1  bMaxPower             in units of 2 mA
///
/// Interface, class and endpoint descriptors follow. `wTotalLength` decides where the set ends: some devices return
/// more than that when asked for more.
public struct ConfigurationDescriptor: Hashable, Sendable {
    public let value: UInt8
    public let attributes: UInt8
    /// In mA.
    public let maxPower: Int
    /// In the order of the set, alternate settings included.
    public let interfaces: [InterfaceDescriptor]

    public init(parsing bytes: [UInt8]) throws(DescriptorError) {
        var all = ByteReader(bytes)
        var header = try RawDescriptor(from: &all)
        let fields = try header.fields(.configuration) { body throws(ByteReader.EndOfBytes) in
            let totalLength = try body.littleEndian16()
            _ = try body.uint8()  // bNumInterfaces: the set itself tells
            let value = try body.uint8()
            _ = try body.uint8()  // iConfiguration
            return (totalLength, value, try body.uint8(), try body.uint8())
        }
        (value, attributes, maxPower) = (fields.1, fields.2, Int(fields.3) * 2)

        guard bytes.count >= Int(fields.0), Int(fields.0) >= all.offset else {
            throw DescriptorError(.truncated, at: 0)
        }
        var set = ByteReader(bytes.prefix(Int(fields.0)))
        _ = try RawDescriptor(from: &set)
        interfaces = try Self.interfaces(&set)
    }

    private static func interfaces(_ set: inout ByteReader) throws(DescriptorError) -> [InterfaceDescriptor] {
        var interfaces: [InterfaceDescriptor] = []
        while !set.isAtEnd {
            var descriptor = try RawDescriptor(from: &set)
            if descriptor.type == .interface {
                interfaces.append(try InterfaceDescriptor(&descriptor))
            } else if var current = interfaces.popLast() {
                try current.add(&descriptor)
                interfaces.append(current)
            } else if descriptor.type == .endpoint || descriptor.type == .functional {
                throw DescriptorError(.misplaced(descriptor.type.rawValue), at: descriptor.offset)
            }
            // Anything else before the first interface, such as an interface association, does not concern us.
        }
        return interfaces
    }
}
