import USBTransport

/// Which function stands behind an endpoint: the reader behind those of the smart-card interface, the chip itself behind
/// those of HID interfaces.
extension USBHardware {
    /// One OUT transfer.
    ///
    /// - Returns: false where nobody listens: the endpoint never takes the packet.
    mutating func take(_ bytes: [UInt8], from address: UInt8, _ interface: InterfaceDescriptor) -> Bool {
        guard interface.interfaceClass == .smartCard else {
            return reader.card.take(report: bytes, from: address, at: clock.now)
        }
        reader.receive(bytes, at: clock.now)
        return true
    }

    /// What is on its way to the host at an IN endpoint, now.
    mutating func pipe(of address: UInt8, _ interface: InterfaceDescriptor) -> InboundPipe {
        guard interface.interfaceClass == .smartCard else { return reportPipe(of: address) }
        reader.advance(to: clock.now)
        return interface.isBulk(address) ? reader.bulkIn : reader.interruptIn
    }

    mutating func replacePipe(of address: UInt8, _ interface: InterfaceDescriptor, by pipe: InboundPipe) {
        guard interface.interfaceClass == .smartCard else {
            reportPipes[address] = pipe
            return
        }
        if interface.isBulk(address) { reader.bulkIn = pipe } else { reader.interruptIn = pipe }
    }

    /// When the device will next have something to say by itself.
    var nextEvent: Duration? {
        [reader.nextEvent, reader.card.nextReportTime].compactMap(\.self).min()
    }

    private mutating func reportPipe(of address: UInt8) -> InboundPipe {
        let packetSize = descriptors.endpoint(address)?.1.maxPacketSize ?? 0
        var pipe = reportPipes[address] ?? InboundPipe(packetSize: packetSize, endsWithShortPacket: false)
        while let report = reader.card.nextReport(for: address, at: clock.now) { pipe.send(report) }
        reportPipes[address] = pipe
        return pipe
    }
}

extension InterfaceDescriptor {
    fileprivate func isBulk(_ address: UInt8) -> Bool { endpoint(.bulk, in: .in)?.address == address }
}
