/// One client's stream: what came and is not understood yet, what is to be sent, and how far the talk has got.
struct USBIPConnection {
    enum Phase {
        /// A request for the list or for a device is to come.
        case operation
        /// It has the export of that index.
        case imported(Int)
        /// Nothing that comes is looked at any more; the connection ends when all is sent.
        case finished
    }

    var phase = Phase.operation
    var inbox: [UInt8] = []
    var outbox: [UInt8] = []
    /// When the first message must have come, or, of a finished connection, when it ends with or without having been
    /// read to its end.
    var deadline: Duration?

    init(deadline: Duration) { self.deadline = deadline }

    var isFinished: Bool {
        if case .finished = phase { true } else { false }
    }

    /// The first `count` bytes of what came; nil while they are not all there.
    func beginning(_ count: Int) -> [UInt8]? {
        inbox.count >= count ? Array(inbox.prefix(count)) : nil
    }
}

/// What the server tells of itself: one line in a log each.
public enum USBIPEvent: Hashable, Sendable {
    case connected(client: Int)
    case listed(client: Int)
    case imported(client: Int, key: String, busID: String)
    /// The bus id is what the client sent.
    case refused(client: Int, busID: String, USBIPOperationStatus)
    /// An importer left, or its key did.
    case detached(client: Int, key: String, busID: String, openTransfers: Int)
    /// A client that had no key left.
    case disconnected(client: Int)
    case failed(client: Int, USBIPError)
    case tooManyClients
    case unplugged(key: String, busID: String)
    case plugged(key: String, busID: String)
    case transferred(key: String, USBIPEndedTransfer)
}

/// A transfer that was carried out, for a log: its data is not in it.
public struct USBIPEndedTransfer: Hashable, Sendable {
    /// As in the endpoint descriptor; 0 for a control transfer.
    public let endpoint: UInt8
    /// Bytes that crossed the bus.
    public let byteCount: Int
    /// 0, or a negative error number of Linux.
    public let status: Int32

    init(_ submit: USBIPSubmit, _ reply: USBIPSubmitReply) {
        endpoint = submit.header.address
        byteCount = Int(reply.actualLength)
        status = reply.status.rawValue
    }
}
