import MockDevices

/// What `virtual serve` says: answers on standard output, the log on standard error.
struct ServeReport {
    let global: GlobalOptions
    let keys: [ServedKey]

    func listening(on address: String, busIDs: [String]) throws {
        for (served, busID) in zip(keys, busIDs) {
            global.console.note(
                "\(served.name) (\(busID)), serial \(served.key.serial): virtual, nothing is written to hardware")
        }
        guard global.json else { return try global.console.data("listening on \(address)\n") }
        try object { json in
            json.key("event")
            json.value("listening")
            json.key("address")
            json.value(address)
            json.key("keys")
            json.array {
                for (served, busID) in zip(keys, busIDs) {
                    json.object {
                        json.key("name")
                        json.value(served.name)
                        json.key("busID")
                        json.value(busID)
                        json.key("serial")
                        json.value(String(served.key.serial))
                    }
                }
            }
        }
    }

    func done(_ line: String) throws {
        guard global.json else { return try global.console.data("ok \(line)\n") }
        try object { json in
            json.key("event")
            json.value("done")
            json.key("instruction")
            json.value(line)
        }
    }

    func refused(_ line: String, _ reason: String) throws {
        guard global.json else { return try global.console.data("refused \(TerminalText.safe(line)): \(reason)\n") }
        try object { json in
            json.key("event")
            json.value("refused")
            json.key("instruction")
            json.value(line)
            json.key("reason")
            json.value(reason)
        }
    }

    /// Transfers of each key since the start, by endpoint.
    func counts() throws {
        guard global.json else {
            for served in keys {
                let counts = served.key.transferCounts
                let parts = counts.keys.sorted().map { "\(Self.name($0)) \(counts[$0] ?? 0)" }
                let total = counts.values.reduce(0, +)
                try global.console.data("count \(served.name) \(total) " + parts.joined(separator: " ") + "\n")
            }
            return
        }
        try object { json in
            json.key("event")
            json.value("count")
            json.key("keys")
            json.array { for served in keys { json.object { members(json, served) } } }
        }
    }

    private func members(_ json: JSONWriter, _ served: ServedKey) {
        let counts = served.key.transferCounts
        json.key("name")
        json.value(served.name)
        json.key("transfers")
        json.value(counts.values.reduce(0, +))
        json.key("endpoints")
        json.array {
            for address in counts.keys.sorted() {
                json.object {
                    json.key("endpoint")
                    json.value(Self.name(address))
                    json.key("transfers")
                    json.value(counts[address] ?? 0)
                }
            }
        }
    }

    func log(_ event: USBIPEvent) {
        if event.isTrouble { global.console.warn(event.text) } else { global.console.note(event.text) }
    }

    /// `control`, or the address as in the endpoint descriptor in two hexadecimal digits.
    private static func name(_ endpoint: UInt8) -> String {
        guard endpoint != 0 else { return "control" }
        let digits = String(endpoint, radix: 16)
        return digits.count < 2 ? "0" + digits : digits
    }

    private func object(_ members: (JSONWriter) -> Void) throws {
        let json = JSONWriter()
        json.object { members(json) }
        json.endLine()
        try global.console.data(json.buffer)
    }
}

extension USBIPEvent {
    var isTrouble: Bool {
        switch self {
        case .failed, .refused, .tooManyClients: true
        default: false
        }
    }

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
