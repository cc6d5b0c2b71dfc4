import Synchronization
public import USBTransport

extension VirtualReader: DevicePort {
    public func reset() { hardware.withLock { $0.reset() } }

    public func advance(by elapsed: Duration) { hardware.withLock { $0.clock.advance(by: elapsed) } }

    public var timeUntilNextEvent: Duration? {
        hardware.withLock { hardware in
            hardware.nextEvent.map { max($0 - hardware.clock.now, .zero) }
        }
    }

    public func control(_ setup: ControlSetup, data: [UInt8]) -> PortOutcome {
        hardware.withLock { $0.portControl(setup, data: data) }
    }

    public func send(_ bytes: [UInt8], to endpoint: UInt8) -> PortOutcome {
        hardware.withLock { $0.portSend(bytes, to: endpoint) }
    }

    public func receive(upTo count: Int, from endpoint: UInt8) -> PortOutcome {
        hardware.withLock { $0.portReceive(upTo: count, from: endpoint) }
    }

    public func giveUp(upTo count: Int, from endpoint: UInt8) -> [UInt8] {
        hardware.withLock { $0.portGiveUp(upTo: count, from: endpoint) }
    }

    public func plan(_ fault: Fault, atTransfer number: Int) {
        hardware.withLock { hardware in
            if hardware.faults.counting == .handle { hardware.faults = .none }
            hardware.faults.faults[hardware.transferCount + max(number, 1)] = fault
        }
    }

    public var transferCounts: [UInt8: Int] { hardware.withLock { $0.endpointCounts } }
}

extension VirtualKey {
    /// The key as a bus outside of this process drives it.
    public var port: any DevicePort { usb }

    /// Reads, writes and control transfers by endpoint address, control transfers under 0.
    public var transferCounts: [UInt8: Int] { usb.transferCounts }
}
