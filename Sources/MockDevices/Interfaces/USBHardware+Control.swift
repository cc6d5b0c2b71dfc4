public import USBTransport

/// Control transfers: the standard requests (USB 2.0, section 9.4), ABORT of the CCID class (CCID 1.1, section 5.3.1),
/// SET_IDLE and feature reports of HID (HID 1.11, sections 7.2.4, 7.2.1 and 7.2.2), and what the chip takes of vendor
/// requests. All else is stalled, as a YubiKey stalls GET_CLOCK_FREQUENCIES.
extension USBHardware {
    mutating func control(
        _ setup: ControlSetup, data: [UInt8], timeout: Duration, by handle: inout Handle
    ) throws(USBError) -> [UInt8] {
        let operation = USBError.Operation.control(request: setup.request)
        let fault = try begin(operation, by: &handle, timeout: timeout, endpoint: nil)
        try requireAccess(setup, by: handle, operation)
        guard setup.isIn ? data.isEmpty : data.count == Int(setup.length) else {
            throw USBError(.invalidParameter, during: operation)
        }
        guard let whole = answer(to: setup, data: data.arriving(under: fault)) else {
            throw USBError(.stall, during: operation)
        }
        let answer = setup.isIn ? Array(whole.prefix(Int(setup.length))) : []
        switch fault {
        case .short where setup.isIn: return answer.halved
        case .short: throw USBError(.io, during: operation)
        case .garbled: return answer.garbled
        case .unplugAfter:
            unplug()
            throw USBError(.noDevice, during: operation)
        default: return answer
        }
    }

    /// usbfs lets vendor requests and requests to the device pass; what is for an interface or an endpoint takes the
    /// claim of it.
    private func requireAccess(
        _ setup: ControlSetup, by handle: Handle, _ operation: USBError.Operation
    ) throws(USBError) {
        guard setup.kind != .vendor else { return }
        let target = UInt8(truncatingIfNeeded: setup.index)
        switch setup.recipient {
        case .interface: try requireClaim(target, by: handle, operation)
        case .endpoint:
            guard let found = descriptors.endpoint(target) else { throw USBError(.notFound, during: operation) }
            try requireClaim(found.interface.number, by: handle, operation)
        default: break
        }
    }

    /// - Returns: nil to stall.
    mutating func answer(to setup: ControlSetup, data: [UInt8]) -> [UInt8]? {
        switch setup.kind {
        case .standard: standardAnswer(to: setup)
        case .class: classAnswer(to: setup, data: data)
        case .vendor: reader.card.answer(vendor: setup, data: data, at: clock.now)
        default: nil
        }
    }

    private mutating func standardAnswer(to setup: ControlSetup) -> [UInt8]? {
        let target = UInt8(truncatingIfNeeded: setup.index)
        switch (setup.isIn, setup.recipient, setup.request) {
        case (true, .device, StandardRequest.getDescriptor), (true, .interface, StandardRequest.getDescriptor):
            return descriptor(setup)
        case (true, .device, StandardRequest.getConfiguration): return [descriptors.configuration.value]
        case (true, .device, StandardRequest.getStatus), (true, .interface, StandardRequest.getStatus):
            return littleEndianBytes(UInt16(0))
        case (true, .endpoint, StandardRequest.getStatus):
            return littleEndianBytes(UInt16(haltedEndpoints.contains(target) ? 1 : 0))
        case (false, .endpoint, StandardRequest.clearFeature) where setup.value == StandardRequest.endpointHalt:
            haltedEndpoints.remove(target)
        case (false, .endpoint, StandardRequest.setFeature) where setup.value == StandardRequest.endpointHalt:
            haltedEndpoints.insert(target)
        case (true, .interface, StandardRequest.getInterface): return [0]
        case (false, .interface, StandardRequest.setInterface) where setup.value == 0:
            endHalts { $0.number == target }
        case (false, .device, StandardRequest.setConfiguration)
        where setup.value == UInt16(descriptors.configuration.value):
            endHalts { _ in true }
        default: return nil
        }
        return []
    }

    /// Both requests end the halts of the endpoints that they configure (USB 2.0, section 9.4.5).
    private mutating func endHalts(_ isConfigured: (InterfaceDescriptor) -> Bool) {
        for interface in descriptors.configuration.interfaces where isConfigured(interface) {
            haltedEndpoints.subtract(interface.endpoints.map(\.address))
        }
    }

    private func descriptor(_ setup: ControlSetup) -> [UInt8]? {
        let (type, index) = (UInt8(truncatingIfNeeded: setup.value >> 8), UInt8(truncatingIfNeeded: setup.value))
        switch (type, setup.recipient) {
        case (DescriptorCode.device, .device) where index == 0: return descriptors.deviceBytes
        case (DescriptorCode.configuration, .device) where index == 0: return descriptors.configurationBytes
        case (DescriptorCode.string, .device): return descriptors.stringBytes(at: index)
        case (DescriptorCode.report, .interface) where index == 0:
            return descriptors.reportBytes[UInt8(truncatingIfNeeded: setup.index)]
        default: return nil
        }
    }

    private mutating func classAnswer(to setup: ControlSetup, data: [UInt8]) -> [UInt8]? {
        let target = UInt8(truncatingIfNeeded: setup.index)
        guard setup.recipient == .interface else { return nil }
        switch (descriptors.interface(target)?.interfaceClass, setup.isIn, setup.request) {
        case (.smartCard, false, ClassRequest.ccidAbort):
            reader.advance(to: clock.now)
            let (slot, sequence) = (UInt8(truncatingIfNeeded: setup.value), UInt8(truncatingIfNeeded: setup.value >> 8))
            return reader.requestAbort(slot: slot, sequence: sequence) ? [] : nil
        case (.hid, false, ClassRequest.hidSetIdle): return []
        case (.hid, true, ClassRequest.hidGetReport) where setup.value == ClassRequest.feature:
            return reader.card.feature(on: target, at: clock.now)
        case (.hid, false, ClassRequest.hidSetReport) where setup.value == ClassRequest.feature:
            return reader.card.take(feature: data, on: target, at: clock.now) ? [] : nil
        default: return nil
        }
    }
}

extension ControlSetup {
    /// Whether the host's own system sends such requests, unasked by any program: the standard ones while it enumerates
    /// a device or clears a halt, and what its HID driver says to a keyboard (idle rate, lights). A program sends the
    /// same ones now and then, and how many there are depends on the system.
    public var isHousekeeping: Bool {
        switch (kind, request) {
        case (.standard, _), (.class, ClassRequest.hidSetIdle): true
        case (.class, ClassRequest.hidSetReport): recipient == .interface && value >> 8 == ClassRequest.outputReport
        default: false
        }
    }
}

/// `bRequest` and feature selectors (USB 2.0, tables 9-4 and 9-6).
private enum StandardRequest {
    static let getStatus: UInt8 = 0
    static let clearFeature: UInt8 = 1
    static let setFeature: UInt8 = 3
    static let getDescriptor: UInt8 = 6
    static let getConfiguration: UInt8 = 8
    static let setConfiguration: UInt8 = 9
    static let getInterface: UInt8 = 10
    static let setInterface: UInt8 = 11
    static let endpointHalt: UInt16 = 0
}

private enum ClassRequest {
    /// wValue: slot in the low byte, bSeq in the high byte.
    static let ccidAbort: UInt8 = 0x01
    static let hidGetReport: UInt8 = 0x01
    static let hidSetReport: UInt8 = 0x09
    static let hidSetIdle: UInt8 = 0x0A
    /// Report type, in the high byte of wValue (HID 1.11, section 7.2.1).
    static let outputReport: UInt16 = 2
    /// The whole wValue: report type 3, report id 0.
    static let feature: UInt16 = 0x0300
}
