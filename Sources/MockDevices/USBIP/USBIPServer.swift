import USBTransport

/// Exports virtual keys over USB/IP. It does no input and output of its own: bytes of each client go in and come out,
/// and time passes when it is told, so the same server runs behind sockets and in tests.
///
/// Each client is a number. A client that sends what is no USB/IP is let go with an event that says why; others never
/// hear of it. What a client can make the server keep is bounded: a partial message, `openTransferLimit` transfers and
/// what they answer. While `wantsInput` is false its bytes must stay in the socket.
public struct USBIPServer {
    /// Virtual time of the server, since it was made.
    private(set) var now: Duration = .zero
    var exports: [USBIPExport]
    var connections: [Int: USBIPConnection] = [:]
    private var lastClient = 0
    private var lastAddress: UInt8 = 1
    var events: [USBIPEvent] = []

    static let openTransferLimit = 256
    static let clientLimit = 64
    /// Unsent bytes above which nothing more is read from a client.
    static let outputLimit = 1 << 18
    /// Time for the first message, and for taking the last answers.
    static let patience: Duration = .seconds(10)

    /// - Parameters:
    ///   - keys: with a name for each, by which it is told of. They sit on bus 1 at the ports from 1.
    ///   - tellsTransfers: whether each transfer is an event.
    public init(_ keys: [(name: String, port: any DevicePort)], tellsTransfers: Bool = false) {
        exports = keys.enumerated().map { index, key in
            USBIPExport(
                name: key.name, port: key.port,
                location: USBLocation(bus: 1, ports: [UInt8(truncatingIfNeeded: index + 1)]))
        }
        for index in exports.indices {
            if tellsTransfers { exports[index].ended = [] }
            attach(index)
        }
    }

    /// The events since the last call.
    public mutating func takeEvents() -> [USBIPEvent] {
        defer { events = [] }
        return events
    }

    public var busIDs: [String] { exports.map(\.location.description) }

    // MARK: Clients

    /// A client connects.
    ///
    /// - Returns: nil where there are too many already.
    public mutating func connect() -> Int? {
        guard connections.count < Self.clientLimit else {
            events.append(.tooManyClients)
            return nil
        }
        lastClient += 1
        connections[lastClient] = USBIPConnection(deadline: now + Self.patience)
        events.append(.connected(client: lastClient))
        return lastClient
    }

    /// Whether bytes of the client may be read.
    public func wantsInput(_ client: Int) -> Bool {
        guard let connection = connections[client] else { return false }
        return !connection.isFinished && connection.outbox.count <= Self.outputLimit
    }

    public mutating func receive(_ bytes: [UInt8], from client: Int) {
        guard let connection = connections[client], !connection.isFinished else { return }
        connections[client]?.inbox += bytes
        do throws(USBIPError) {
            while try takeMessage(of: client) {}
        } catch {
            fail(client, error)
        }
        look()
    }

    /// The client will send no more.
    public mutating func endOfInput(from client: Int) {
        guard let connection = connections[client], !connection.isFinished else { return }
        if connection.inbox.isEmpty {
            finish(client)
        } else {
            fail(client, USBIPError(.truncated(missing: missing(connection)), at: connection.inbox.count))
        }
    }

    /// What is to be sent to the client.
    public func output(for client: Int) -> [UInt8] { connections[client]?.outbox ?? [] }

    /// So many bytes of it are sent.
    public mutating func removeOutput(_ count: Int, for client: Int) {
        guard let unsent = connections[client]?.outbox else { return }
        connections[client]?.outbox = Array(unsent.dropFirst(count))
    }

    /// Whether the connection is to be closed; `disconnect` follows.
    public func isOver(_ client: Int) -> Bool {
        guard let connection = connections[client] else { return true }
        return connection.isFinished
            && (connection.outbox.isEmpty || connection.deadline.map { $0 <= now } ?? true)
    }

    /// The connection is closed, by whichever side.
    public mutating func disconnect(_ client: Int) {
        endOfInput(from: client)
        connections[client] = nil
    }

    // MARK: Time

    /// Lets time pass for the keys and the clients.
    public mutating func advance(by elapsed: Duration) {
        now += max(elapsed, .zero)
        for index in exports.indices { exports[index].port.advance(by: elapsed) }
        for (client, connection) in connections {
            guard case .operation = connection.phase, let deadline = connection.deadline, deadline <= now else {
                continue
            }
            fail(client, USBIPError(.silence, at: connection.inbox.count))
        }
        serve()
    }

    /// How long until `advance` will have something to do.
    public var timeUntilNextEvent: Duration? {
        let ofKeys = exports.compactMap { $0.importer == nil ? nil : $0.port.timeUntilNextEvent }
        let ofClients = connections.values.compactMap { $0.deadline.map { max($0 - now, .zero) } }
        return (ofKeys + ofClients).min()
    }

    // MARK: Keys

    /// Notes what came and went, and carries out what can be.
    public mutating func serve() {
        for index in exports.indices {
            guard let client = exports[index].importer else { continue }
            connections[client]?.outbox += exports[index].serve()
        }
        look()
    }

    mutating func look() {
        for index in exports.indices {
            if let ended = exports[index].ended, !ended.isEmpty {
                events += ended.map { .transferred(key: exports[index].name, $0) }
                exports[index].ended = []
            }
            let port = exports[index].port
            let plugCount = port.isPlugged ? port.plugCount : nil
            guard exports[index].seenPlugCount != plugCount else { continue }
            if exports[index].seenPlugCount != nil { detach(index) }
            if plugCount != nil {
                attach(index)
                events.append(.plugged(key: exports[index].name, busID: exports[index].location.description))
            }
        }
    }

    private mutating func attach(_ index: Int) {
        let port = exports[index].port
        guard port.isPlugged else { return }
        lastAddress = lastAddress % Self.highestAddress + 1
        exports[index].address = lastAddress
        exports[index].seenPlugCount = port.plugCount
    }

    private mutating func detach(_ index: Int) {
        let export = exports[index]
        exports[index].seenPlugCount = nil
        events.append(.unplugged(key: export.name, busID: export.location.description))
        guard let client = export.importer else { return }
        connections[client]?.outbox += exports[index].shutDown()
        finish(client)
    }

    // MARK: The end

    private mutating func fail(_ client: Int, _ error: USBIPError) {
        events.append(.failed(client: client, error))
        finish(client, quietly: true)
    }

    /// Takes the client's key back and closes the connection once all is sent.
    ///
    /// - Parameter quietly: the event that ended it is told already.
    mutating func finish(_ client: Int, quietly: Bool = false) {
        if case .imported(let index)? = connections[client]?.phase {
            let export = exports[index]
            events.append(
                .detached(
                    client: client, key: export.name, busID: export.location.description,
                    openTransfers: export.openTransferCount))
            exports[index].release()
        } else if !quietly {
            events.append(.disconnected(client: client))
        }
        connections[client]?.phase = .finished
        connections[client]?.inbox = []
        connections[client]?.deadline = now + Self.patience
    }

    private static let highestAddress: UInt8 = 127
}
