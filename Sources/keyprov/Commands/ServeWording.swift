import MockDevices

// Sentences for the log of `virtual serve`.

extension USBIPEvent {
    var text: String {
        switch self {
        case .connected(let client): "client \(client) connected"
        case .listed(let client): "client \(client) asked for the list"
        case .imported(let client, let key, let busID): "client \(client) imported \(key) (\(busID))"
        case .refused(let client, let busID, .deviceBusy):
            "client \(client) asked for \(busID), which another client has; closed"
        case .refused(let client, let busID, _): "client \(client) asked for '\(busID)', which is not there; closed"
        case .detached(let client, let key, let busID, 0): "client \(client) detached \(key) (\(busID))"
        case .detached(let client, let key, let busID, let open):
            "client \(client) detached \(key) (\(busID)), transfers open: \(open)"
        case .disconnected(let client): "client \(client) disconnected"
        case .failed(let client, let error): "client \(client): \(error.text); closed"
        case .tooManyClients: "too many clients; closed a new one"
        case .unplugged(let key, let busID): "\(key) (\(busID)) unplugged"
        case .plugged(let key, let busID): "\(key) (\(busID)) plugged in"
        case .transferred(let key, let transfer):
            "usb: \(key): \(transfer.endpointName), \(transfer.byteCount) bytes, status \(transfer.status)"
        }
    }
}

extension USBIPError {
    var text: String {
        let what =
            switch reason {
            case .truncated(let missing): "a message ended \(missing) bytes too early"
            case .trailing: "a message is too long"
            case .version(let version): "USB/IP version \(version)"
            case .operation(let code): "unknown operation \(code)"
            case .status(let status): "status \(status)"
            case .command(let code): "unknown command \(code)"
            case .direction(let value): "direction \(value)"
            case .endpoint(let number): "endpoint \(number)"
            case .text: "a text without an end"
            case .padding: "padding that is not zero"
            case .length(let length): "a transfer of \(length) bytes"
            case .isochronous(let packets): "an isochronous transfer of \(packets) packets"
            case .device(let number): "device \(number), which it did not import"
            case .sequence(let number): "sequence number \(number) used twice"
            case .openTransfers: "too many open transfers"
            case .silence: "no whole message in time"
            }
        return "\(what) (byte \(offset))"
    }
}

extension USBIPEndedTransfer {
    var endpointName: String { Self.name(of: endpoint) }

    /// `control`, or the address as in the endpoint descriptor in two hexadecimal digits.
    static func name(of endpoint: UInt8) -> String {
        guard endpoint != 0 else { return "control" }
        let digits = String(endpoint, radix: 16)
        return digits.count < 2 ? "0" + digits : digits
    }
}
