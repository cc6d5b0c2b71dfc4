import Glibc
import MockDevices

/// Plays the card of a virtual key on standard input and output, which are one socket to QEMU. Ends when it is closed.
struct CardServer {
    private let key: VirtualKey

    init(model: String) throws {
        guard let model = VirtualModel.named(model) else { throw ProbeFailure("no model \(model)") }
        key = VirtualKey(model: model, serial: Self.serial)
    }

    func run() throws {
        guard var session = VSCardSession(key) else { throw ProbeFailure("no card in \(key.model.name)") }
        try send(session.greeting)
        var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
        while true {
            let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
            guard count > 0 else { return }
            try send(try session.receive(Array(buffer.prefix(count))))
        }
    }

    private func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ProbeFailure("the reader is gone") }
            rest = rest.dropFirst(count)
        }
    }

    private static let serial: UInt32 = 99_000_001
    private static let bufferSize = 4096
}
