import ByteBuffers

/// String descriptors (USB 2.0, section 9.6.7).
///
///     0  1  bLength
///     1  1  bDescriptorType   3
///     2  n  UTF-16, little-endian; for index 0: 16-bit language ids
extension USBDevice {
    /// The string at `index` in the device's first language.
    ///
    /// - Returns: nil for index 0 (the device has no such string) and for a string that is not UTF-16.
    public func string(at index: UInt8, timeout: Duration = .seconds(1)) throws(USBError) -> String? {
        guard index != 0 else { return nil }
        let languages = try descriptor(.string, index: 0, language: 0, length: UInt16(UInt8.max), timeout: timeout)
        guard let language = utf16(languages)?.first else { return nil }
        let text = try descriptor(
            .string, index: index, language: language, length: UInt16(UInt8.max), timeout: timeout)
        return utf16(text).flatMap { String(validating: $0, as: UTF16.self) }
    }

    func descriptor(
        _ type: DescriptorType, index: UInt8, language: UInt16, length: UInt16, timeout: Duration
    ) throws(USBError) -> [UInt8] {
        let setup = ControlSetup(
            requestType: ControlSetup.directionIn, request: ControlSetup.getDescriptor,
            value: UInt16(type.rawValue) << 8 | UInt16(index), index: language, length: length)
        return try control(setup, data: RawSpan(), timeout: timeout)
    }

    private func utf16(_ bytes: [UInt8]) -> [UInt16]? {
        var reader = ByteReader(bytes)
        guard var descriptor = try? RawDescriptor(from: &reader), descriptor.type == .string else { return nil }
        var units: [UInt16] = []
        while let unit = try? descriptor.body.littleEndian16() { units.append(unit) }
        return units
    }
}

extension ControlSetup {
    /// GET_DESCRIPTOR (USB 2.0, table 9-4).
    static let getDescriptor: UInt8 = 6
}
