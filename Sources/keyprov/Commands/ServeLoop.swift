import Glibc
import MockDevices

/// Sockets, signals, standard input and the clock around a `USBIPServer`: one thread, one `poll`.
final class ServeLoop {
    private var server: USBIPServer
    private let keys: [ServedKey]
    private let listener: ListeningSocket
    private let report: ServeReport
    private let signals: SignalPipe
    private let endsWithInput: Bool

    private var clients: [Int: OwnedDescriptor] = [:]
    private var lines = LineBuffer()
    private var readsInput: Bool
    private var accepts = true
    private var isRunning = true
    private var lastMoment = ContinuousClock.now

    private static let blockLength = 1 << 16

    init(
        keys: [ServedKey], listener: ListeningSocket, report: ServeReport, signals: SignalPipe, endsWithInput: Bool
    ) {
        (self.keys, self.listener, self.report) = (keys, listener, report)
        (self.signals, self.endsWithInput) = (signals, endsWithInput)
        server = USBIPServer(keys.map { ($0.name, $0.key.port) }, tellsTransfers: report.global.verbose)
        // A server in the background that reads a terminal is stopped by the system.
        readsInput = isatty(STDIN_FILENO) == 0
    }

    var busIDs: [String] { server.busIDs }

    /// Serves until it is told to end.
    func run() throws {
        while isRunning {
            let ready = try wait()
            passTime()
            if ready[signals.descriptor.number] != nil { try heed(signals.take()) }
            if ready[STDIN_FILENO] != nil { try readInput() }
            if ready[listener.descriptor.number] != nil { try acceptClient() }
            for (client, descriptor) in clients {
                if let events = ready[descriptor.number] { exchange(client, descriptor, events) }
            }
            server.serve()
            for (client, descriptor) in clients { flush(client, descriptor) }
            for event in server.takeEvents() { report.log(event) }
        }
    }

    // MARK: Waiting

    /// - Returns: what happened, by descriptor.
    private func wait() throws(FileError) -> [Int32: Int32] {
        var polled = [pollfd(fd: signals.descriptor.number, events: Int16(POLLIN), revents: 0)]
        if readsInput { polled.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
        if accepts { polled.append(pollfd(fd: listener.descriptor.number, events: Int16(POLLIN), revents: 0)) }
        for (client, descriptor) in clients {
            let reads = server.wantsInput(client) ? POLLIN : 0
            let writes = server.output(for: client).isEmpty ? 0 : POLLOUT
            polled.append(pollfd(fd: descriptor.number, events: Int16(reads | writes), revents: 0))
        }
        let count = unsafe poll(&polled, nfds_t(polled.count), milliseconds(server.timeUntilNextEvent))
        guard count >= 0 || errno == EINTR else { throw FileError(.read, "sockets") }
        guard count > 0 else { return [:] }
        let happened = polled.filter { $0.revents != 0 }.map { ($0.fd, Int32($0.revents)) }
        return Dictionary(happened) { first, _ in first }
    }

    /// Rounded up, so that the time has come when `poll` returns; -1 is for ever.
    private func milliseconds(_ duration: Duration?) -> Int32 {
        guard let duration else { return -1 }
        let (seconds, attoseconds) = duration.components
        let rounded = (attoseconds + Self.attosecondsInMillisecond - 1) / Self.attosecondsInMillisecond
        return Int32(clamping: min(seconds, Self.longestWait) * Self.millisecondsInSecond + rounded)
    }

    private func passTime() {
        let moment = ContinuousClock.now
        server.advance(by: lastMoment.duration(to: moment))
        lastMoment = moment
    }

    private static let attosecondsInMillisecond: Int64 = 1_000_000_000_000_000
    private static let millisecondsInSecond: Int64 = 1000
    /// In seconds.
    private static let longestWait: Int64 = 3600

    // MARK: Clients

    private func acceptClient() throws(FileError) {
        do throws(FileError) {
            guard let descriptor = try listener.accept() else { return }
            if let client = server.connect() { clients[client] = descriptor }
        } catch {
            // Out of descriptors, most likely: the next client waits until one of these has left.
            guard !clients.isEmpty else { throw error }
            accepts = false
        }
    }

    private func exchange(_ client: Int, _ descriptor: OwnedDescriptor, _ events: Int32) {
        let ended = events & (POLLHUP | POLLERR) != 0
        guard server.wantsInput(client) else {
            if ended { close(client) }
            return
        }
        guard events & POLLIN != 0 || ended else { return }
        do throws(FileError) {
            guard let bytes = try descriptor.read(limit: Self.blockLength) else { return }
            if bytes.isEmpty { server.endOfInput(from: client) } else { server.receive(bytes, from: client) }
        } catch {
            close(client)
        }
    }

    private func flush(_ client: Int, _ descriptor: OwnedDescriptor) {
        let output = server.output(for: client)
        do throws(FileError) {
            if !output.isEmpty { server.removeOutput(try descriptor.send(output), for: client) }
            if server.isOver(client) { close(client) }
        } catch {
            close(client)
        }
    }

    private func close(_ client: Int) {
        server.disconnect(client)
        clients[client] = nil
        accepts = true
    }

    // MARK: Instructions

    private func heed(_ numbers: [Int32]) throws {
        for number in numbers {
            if number == SignalPipe.counting { try report.counts() } else { isRunning = false }
        }
    }

    private func readInput() throws {
        guard let bytes = try Descriptors.read(STDIN_FILENO, limit: Self.blockLength) else { return }
        if bytes.isEmpty {
            readsInput = false
            if endsWithInput { isRunning = false }
        }
        for line in lines.append(bytes) where isRunning { try follow(line) }
    }

    private func follow(_ line: String) throws {
        guard let instruction = ServeInstruction(line) else { return try report.refused(line, "no such instruction") }
        switch instruction {
        case .count: return try report.counts()
        case .quit: isRunning = false
        default:
            guard let served = keys.first(where: { $0.name == instruction.keyName }) else {
                return try report.refused(line, "no such key")
            }
            instruction.apply(to: served.key)
            server.serve()
        }
        try report.done(line)
    }
}
