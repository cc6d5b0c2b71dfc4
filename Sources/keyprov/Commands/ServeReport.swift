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
                let parts = counts.keys.sorted().map { "\(USBIPEndedTransfer.name(of: $0)) \(counts[$0] ?? 0)" }
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
                    json.value(USBIPEndedTransfer.name(of: address))
                    json.key("transfers")
                    json.value(counts[address] ?? 0)
                }
            }
        }
    }

    func log(_ event: USBIPEvent) {
        switch event {
        case .transferred: global.console.detail(event.text)
        case .failed, .refused, .tooManyClients: global.console.warn(event.text)
        default: global.console.note(event.text)
        }
    }

    private func object(_ members: (JSONWriter) -> Void) throws {
        let json = JSONWriter()
        json.object { members(json) }
        json.endLine()
        try global.console.data(json.buffer)
    }
}
