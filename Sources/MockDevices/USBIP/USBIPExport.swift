import USBTransport

/// A key that is offered over USB/IP, and the transfers that its importer has under way.
///
/// Transfers of one endpoint are carried out in the order in which they came, each only after the one before has ended;
/// endpoints do not wait for each other.
struct USBIPExport {
    let name: String
    let port: any DevicePort
    let location: USBLocation
    /// The number that the bus gave it when it was last plugged in.
    var address: UInt8 = 0
    /// The plug-in that `address` belongs to; nil while the key is out.
    var seenPlugCount: Int?
    /// The connection that has it.
    var importer: Int?
    /// Transfers that ended, while somebody wants to know.
    var ended: [USBIPEndedTransfer]?

    /// By endpoint address, oldest first.
    private var queues: [UInt8: [OpenTransfer]] = [:]

    private struct OpenTransfer {
        let submit: USBIPSubmit
        let data: [UInt8]
        /// The device will never answer it.
        var isSilent = false
    }

    init(name: String, port: any DevicePort, location: USBLocation) {
        (self.name, self.port, self.location) = (name, port, location)
    }

    var entry: USBIPDeviceList.Entry {
        USBIPDeviceList.Entry(port.descriptors, at: location, address: address)
    }

    var openTransferCount: Int { queues.values.reduce(0) { $0 + $1.count } }

    func isOpen(_ sequence: UInt32) -> Bool {
        queues.values.contains { $0.contains { $0.submit.header.sequence == sequence } }
    }

    // MARK: Messages

    /// - Returns: what is to be sent, as from the functions below.
    mutating func submit(_ submit: USBIPSubmit, data: [UInt8]) -> [UInt8] {
        queues[submit.header.address, default: []].append(OpenTransfer(submit: submit, data: data))
        return serve()
    }

    mutating func unlink(_ unlink: USBIPUnlink) -> [UInt8] {
        for (address, queue) in queues {
            guard let index = queue.firstIndex(where: { $0.submit.header.sequence == unlink.target }) else { continue }
            let transfer = queue[index]
            queues[address]?.remove(at: index)
            let ended = index == 0 ? giveUp(transfer, address) : []
            let status = ended.isEmpty ? USBIPStatus.unlinked : .ok
            // Those behind it had to wait for it.
            return ended + USBIPUnlinkReply(sequence: unlink.header.sequence, status).bytes + serve()
        }
        return USBIPUnlinkReply(sequence: unlink.header.sequence, .ok).bytes
    }

    /// Packets that a host controller has received are in the host's buffer whether or not the transfer is taken back.
    /// A transfer that had some therefore ends with them, as if the host had been a moment too late.
    private func giveUp(_ transfer: OpenTransfer, _ address: UInt8) -> [UInt8] {
        let submit = transfer.submit
        guard !transfer.isSilent, submit.header.isIn, submit.header.endpoint != 0 else { return [] }
        let received = port.giveUp(upTo: Int(submit.bufferLength), from: address)
        return received.isEmpty ? [] : USBIPSubmitReply(submit, .ok, received: received).bytes
    }

    // MARK: Transfers

    /// Carries out what can be carried out now. Once the device is gone, `shutDown` ends the rest.
    mutating func serve() -> [UInt8] {
        var replies: [UInt8] = []
        for address in queues.keys.sorted() {
            while port.isPlugged, let transfer = queues[address]?.first, !transfer.isSilent {
                let outcome = run(transfer, address)
                if outcome == .silent { queues[address]?[0].isSilent = true }
                guard let reply = reply(to: transfer.submit, outcome) else { break }
                queues[address]?.removeFirst()
                ended?.append(USBIPEndedTransfer(transfer.submit, reply))
                replies += reply.bytes
            }
        }
        return replies
    }

    private func run(_ transfer: OpenTransfer, _ address: UInt8) -> PortOutcome {
        let submit = transfer.submit
        let count = Int(submit.bufferLength)
        guard submit.header.endpoint == 0 else {
            guard submit.header.isIn else { return port.send(transfer.data, to: address) }
            return count > 0 ? port.receive(upTo: count, from: address) : .invalid
        }
        guard var setup = submit.controlSetup else { return .invalid }
        if setup.length > 0 {
            guard setup.isIn == submit.header.isIn else { return .invalid }
            if setup.isIn { setup.length = UInt16(min(count, Int(setup.length))) }
        }
        return port.control(setup, data: transfer.data)
    }

    /// - Returns: nil where the transfer stays open.
    private func reply(to submit: USBIPSubmit, _ outcome: PortOutcome) -> USBIPSubmitReply? {
        switch outcome {
        case .sent(let count): USBIPSubmitReply(submit, .ok, sent: count)
        case .received(let bytes):
            USBIPSubmitReply(
                submit, bytes.count < submit.bufferLength && submit.refusesShort ? .short : .ok, received: bytes)
        case .waiting, .silent: nil
        case .stalled: USBIPSubmitReply(submit, .stalled)
        case .overflow: USBIPSubmitReply(submit, .overflow)
        case .busy: USBIPSubmitReply(submit, .busy)
        case .noEndpoint: USBIPSubmitReply(submit, .noEndpoint)
        case .invalid: USBIPSubmitReply(submit, .invalid)
        case .gone: USBIPSubmitReply(submit, .shutDown)
        }
    }

    // MARK: The end

    /// The device is gone: all that is open ends, in the order in which it came.
    mutating func shutDown() -> [UInt8] {
        let open = queues.values.joined().map(\.submit).sorted { $0.header.sequence < $1.header.sequence }
        queues = [:]
        return open.flatMap { USBIPSubmitReply($0, .shutDown).bytes }
    }

    /// The importer has gone: nobody waits for an answer any more, and the next one finds the device as after a reset.
    mutating func release() {
        queues = [:]
        importer = nil
        port.reset()
    }
}
