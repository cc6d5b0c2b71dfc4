import USBTransport

/// Bulk and interrupt transfers.
extension USBHardware {
    mutating func write(
        _ bytes: [UInt8], to address: UInt8, timeout: Duration, by handle: inout Handle
    ) throws(USBError) {
        let operation = USBError.Operation.write(endpoint: address)
        let fault = try begin(operation, by: &handle, timeout: timeout, endpoint: address)
        let interface = try interface(of: address, .out, by: handle, operation)
        guard take(bytes.arriving(under: fault), from: address, interface) else {
            clock.advance(by: timeout)
            throw USBError(.timeout, during: operation)
        }
        if fault == .short { throw USBError(.io, during: operation) }
        if fault == .unplugAfter {
            unplug()
            throw USBError(.noDevice, during: operation)
        }
    }

    mutating func read(
        upTo count: Int, from address: UInt8, timeout: Duration, by handle: inout Handle
    ) throws(USBError) -> [UInt8] {
        let operation = USBError.Operation.read(endpoint: address)
        let fault = try begin(operation, by: &handle, timeout: timeout, endpoint: address)
        let interface = try interface(of: address, .in, by: handle, operation)
        guard count > 0 else { throw USBError(.invalidParameter, during: operation) }
        let deadline = clock.now + max(timeout, .zero)
        var bytes: [UInt8] = []
        while true {
            switch progress(of: &bytes, upTo: count, from: address, interface) {
            case .ended: return try finish(bytes, fault, operation)
            case .overflow: throw USBError(.overflow, during: operation)
            case .waiting: break
            }
            guard let next = nextEvent, next <= deadline else {
                clock.advance(to: deadline)
                // What came before the deadline is not lost to the host.
                guard !bytes.isEmpty else { throw USBError(.timeout, during: operation) }
                return try finish(bytes, fault, operation)
            }
            clock.advance(to: next)
        }
    }

    private mutating func progress(
        of bytes: inout [UInt8], upTo count: Int, from address: UInt8, _ interface: InterfaceDescriptor
    ) -> InboundPipe.Progress {
        var pipe = pipe(of: address, interface)
        defer { replacePipe(of: address, interface, by: pipe) }
        return pipe.continueTransfer(&bytes, upTo: count)
    }

    private mutating func finish(
        _ bytes: [UInt8], _ fault: Fault?, _ operation: USBError.Operation
    ) throws(USBError) -> [UInt8] {
        switch fault {
        case .short: return bytes.halved
        case .garbled: return bytes.garbled
        case .unplugAfter:
            unplug()
            throw USBError(.noDevice, during: operation)
        default: return bytes
        }
    }

    private func interface(
        of address: UInt8, _ direction: EndpointDescriptor.Direction, by handle: Handle,
        _ operation: USBError.Operation
    ) throws(USBError) -> InterfaceDescriptor {
        guard let (interface, endpoint) = descriptors.endpoint(address), endpoint.direction == direction else {
            throw USBError(.notFound, during: operation)
        }
        guard isClaimed(interface.number, by: handle) else { throw USBError(.notFound, during: operation) }
        guard !haltedEndpoints.contains(address) else { throw USBError(.stall, during: operation) }
        return interface
    }
}
