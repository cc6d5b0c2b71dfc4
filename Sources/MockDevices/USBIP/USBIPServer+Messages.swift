import USBTransport

/// What the messages of a client make the server do.
extension USBIPServer {
    /// - Returns: whether there was a whole message.
    mutating func takeMessage(of client: Int) throws(USBIPError) -> Bool {
        guard let connection = connections[client] else { return false }
        switch connection.phase {
        case .operation: return try takeOperation(connection, of: client)
        case .imported(let index): return try takeCommand(connection, for: index, of: client)
        case .finished:
            connections[client]?.inbox = []
            return false
        }
    }

    private mutating func takeOperation(_ connection: USBIPConnection, of client: Int) throws(USBIPError) -> Bool {
        guard let head = connection.beginning(USBIPOperationHeader.length) else { return false }
        let header = try USBIPOperationHeader(parsing: head)
        switch header.code {
        case .requestDeviceList:
            consume(head.count, of: client)
            let free = exports.filter { $0.seenPlugCount != nil && $0.importer == nil }
            connections[client]?.outbox += USBIPDeviceList(free.map(\.entry)).bytes
            events.append(.listed(client: client))
            finish(client, quietly: true)
        case .requestImport:
            guard let message = connection.beginning(USBIPImportRequest.length) else { return false }
            let request = try USBIPImportRequest(parsing: message)
            consume(message.count, of: client)
            importDevice(request.busID, by: client)
        default: throw USBIPError(.operation(header.code.rawValue), at: USBIPOperationHeader.codeOffset)
        }
        return true
    }

    private mutating func importDevice(_ busID: String, by client: Int) {
        let index = exports.firstIndex { $0.location.description == busID && $0.seenPlugCount != nil }
        guard let index, exports[index].importer == nil else {
            let status: USBIPOperationStatus = index == nil ? .noDevice : .deviceBusy
            connections[client]?.outbox += USBIPImportReply.refused(status).bytes
            events.append(.refused(client: client, busID: busID, status))
            return finish(client, quietly: true)
        }
        exports[index].importer = client
        connections[client]?.phase = .imported(index)
        connections[client]?.deadline = nil
        connections[client]?.outbox += USBIPImportReply.imported(exports[index].entry.device).bytes
        events.append(.imported(client: client, key: exports[index].name, busID: busID))
    }

    private mutating func takeCommand(
        _ connection: USBIPConnection, for index: Int, of client: Int
    ) throws(USBIPError) -> Bool {
        guard let head = connection.beginning(USBIPCommand.length) else { return false }
        let command = try USBIPCommand(parsing: head)
        guard command.header.deviceID == exports[index].entry.device.deviceID else {
            throw USBIPError(.device(command.header.deviceID), at: USBIPHeader.deviceIDOffset)
        }
        switch command {
        case .submit(let submit):
            guard let message = connection.beginning(head.count + submit.dataLength) else { return false }
            try admit(submit, index)
            consume(message.count, of: client)
            connections[client]?.outbox += exports[index].submit(submit, data: Array(message.dropFirst(head.count)))
        case .unlink(let unlink):
            consume(head.count, of: client)
            connections[client]?.outbox += exports[index].unlink(unlink)
        }
        look()
        return true
    }

    private func admit(_ submit: USBIPSubmit, _ index: Int) throws(USBIPError) {
        guard !exports[index].isOpen(submit.header.sequence) else {
            throw USBIPError(.sequence(submit.header.sequence), at: USBIPHeader.sequenceOffset)
        }
        guard exports[index].openTransferCount < Self.openTransferLimit else {
            throw USBIPError(.openTransfers, at: 0)
        }
    }

    private mutating func consume(_ count: Int, of client: Int) { connections[client]?.inbox.removeFirst(count) }

    /// How much of the message that has begun is still to come.
    func missing(_ connection: USBIPConnection) -> Int {
        let needed =
            if case .imported = connection.phase {
                (try? USBIPCommand(parsing: Array(connection.inbox.prefix(USBIPCommand.length)))).map {
                    USBIPCommand.length + $0.dataLength
                } ?? USBIPCommand.length
            } else {
                connection.inbox.count < USBIPOperationHeader.length
                    ? USBIPOperationHeader.length : USBIPImportRequest.length
            }
        return max(needed - connection.inbox.count, 0)
    }
}
