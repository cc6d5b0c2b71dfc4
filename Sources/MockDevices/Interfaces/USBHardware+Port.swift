import USBTransport

/// Transfers as `DevicePort` describes them.
extension USBHardware {
    mutating func portControl(_ setup: ControlSetup, data: [UInt8]) -> PortOutcome {
        guard isPlugged else { return .gone }
        let fault = setup.isHousekeeping ? nil : countTransfer(on: nil)
        if let outcome = prevented(by: fault, on: nil) { return outcome }
        guard setup.isIn ? data.isEmpty : data.count == Int(setup.length) else { return .invalid }
        guard let whole = answer(to: setup, data: data.arriving(under: fault)) else { return .stalled }
        return setup.isIn
            ? delivered(Array(whole.prefix(Int(setup.length))), fault)
            : taken(fault == .short ? data.count / 2 : data.count, fault)
    }

    mutating func portSend(_ bytes: [UInt8], to address: UInt8) -> PortOutcome {
        guard isPlugged else { return .gone }
        guard let (interface, endpoint) = descriptors.endpoint(address), endpoint.direction == .out else {
            return .noEndpoint
        }
        let fault = countTransfer(on: address)
        if let outcome = prevented(by: fault, on: address) { return outcome }
        guard !haltedEndpoints.contains(address) else { return .stalled }
        let bytes = bytes.arriving(under: fault)
        guard take(bytes, from: address, interface) else { return .silent }
        return taken(bytes.count, fault)
    }

    mutating func portReceive(upTo count: Int, from address: UInt8) -> PortOutcome {
        guard isPlugged else { return .gone }
        guard let (interface, endpoint) = descriptors.endpoint(address), endpoint.direction == .in else {
            return .noEndpoint
        }
        guard !haltedEndpoints.contains(address) else { return .stalled }
        var (pipe, bytes) = (pipe(of: address, interface), [UInt8]())
        let progress = pipe.continueTransfer(&bytes, upTo: count)
        if case .waiting = progress { return .waiting }
        let fault = countTransfer(on: address)
        if let outcome = prevented(by: fault, on: address) { return outcome }
        replacePipe(of: address, interface, by: pipe)
        if case .overflow = progress { return .overflow }
        return delivered(bytes, fault)
    }

    mutating func portGiveUp(upTo count: Int, from address: UInt8) -> [UInt8] {
        guard isPlugged, let (interface, endpoint) = descriptors.endpoint(address), endpoint.direction == .in else {
            return []
        }
        if endpoint.kind == .bulk { _ = countTransfer(on: address) }
        var (pipe, bytes) = (pipe(of: address, interface), [UInt8]())
        _ = pipe.continueTransfer(&bytes, upTo: count)
        replacePipe(of: address, interface, by: pipe)
        return bytes
    }

    // MARK: Faults

    /// - Returns: how a transfer ends that the fault keeps from taking place.
    private mutating func prevented(by fault: Fault?, on endpoint: UInt8?) -> PortOutcome? {
        switch fault {
        case .stall:
            if let endpoint { haltedEndpoints.insert(endpoint) }
            return .stalled
        case .timeout: return .silent
        case .busy: return .busy
        case .unplugBefore:
            unplug()
            return .gone
        default: return nil
        }
    }

    private mutating func delivered(_ bytes: [UInt8], _ fault: Fault?) -> PortOutcome {
        switch fault {
        case .short: return .received(bytes.halved)
        case .garbled: return .received(bytes.garbled)
        case .unplugAfter:
            unplug()
            return .gone
        default: return .received(bytes)
        }
    }

    private mutating func taken(_ count: Int, _ fault: Fault?) -> PortOutcome {
        guard fault == .unplugAfter else { return .sent(count) }
        unplug()
        return .gone
    }
}
