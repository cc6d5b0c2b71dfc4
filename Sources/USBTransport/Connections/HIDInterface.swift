import ByteBuffers

extension USBDevice {
    /// Claims the first HID interface whose report descriptor is the wanted one.
    ///
    /// - Parameters:
    ///   - isCandidate: narrows the choice by what the configuration tells, as the report descriptor can be read only
    ///     after a claim.
    ///   - isWanted: decides.
    /// - Throws: `.noSuitableInterface`.
    func claimHIDInterface(
        of configuration: ConfigurationDescriptor, matching isCandidate: (InterfaceDescriptor) -> Bool,
        isWanted: (HIDReportDescriptor) -> Bool
    ) throws(ConnectionError) -> InterfaceDescriptor {
        for candidate in configuration.interfaces
        where candidate.interfaceClass == .hid && candidate.hid != nil && isCandidate(candidate) {
            let bytes = try ConnectionError.wrapping { () throws(USBError) in
                try claimInterface(candidate.number)
                return try reportDescriptor(of: candidate)
            }
            if let descriptor = try? HIDReportDescriptor(parsing: bytes), isWanted(descriptor) { return candidate }
        }
        throw .noSuitableInterface
    }

    /// The report descriptor of a claimed HID interface (HID 1.11, section 7.1.1).
    private func reportDescriptor(of interface: InterfaceDescriptor) throws(USBError) -> [UInt8] {
        let setup = ControlSetup(
            requestType: ControlSetup.interfaceStandardIn, request: ControlSetup.getDescriptor,
            value: UInt16(DescriptorType.hidReport.rawValue) << 8, index: UInt16(interface.number),
            length: UInt16(clamping: interface.hid?.reportDescriptorLength ?? 0))
        return try control(setup, data: RawSpan(), timeout: .seconds(1))
    }
}

extension ConnectionError {
    static func wrapping<Result>(_ body: () throws(USBError) -> Result) throws(ConnectionError) -> Result {
        do throws(USBError) { return try body() } catch { throw .usb(error) }
    }
}

extension ControlSetup {
    /// `bmRequestType` of a standard request to an interface.
    fileprivate static let interfaceStandardIn: UInt8 = 0x81
}
