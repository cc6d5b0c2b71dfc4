import MockDevices

/// A line on the standard input of `virtual serve`.
enum ServeInstruction {
    case unplug(String)
    case plug(String)
    case fault(String, PlannedFault)
    case touch(String, TouchTime)
    case count
    case quit

    /// - Returns: nil where the line is none.
    init?(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("unplug", 2): self = .unplug(words[1])
        case ("plug", 2): self = .plug(words[1])
        case ("fault", 3):
            guard let fault = PlannedFault(argument: words[2]) else { return nil }
            self = .fault(words[1], fault)
        case ("touch", 3):
            guard let time = TouchTime(argument: words[2]) else { return nil }
            self = .touch(words[1], time)
        case ("count", 1): self = .count
        case ("quit", 1): self = .quit
        default: return nil
        }
    }

    /// The key that it is about.
    var keyName: String? {
        switch self {
        case .unplug(let name), .plug(let name), .fault(let name, _), .touch(let name, _): name
        case .count, .quit: nil
        }
    }

    func apply(to key: VirtualKey) {
        switch self {
        case .unplug: key.unplug()
        case .plug: key.plug()
        case .fault(_, let planned): key.port.plan(planned.fault, atTransfer: planned.number)
        case .touch(_, let time): key.touch = time.policy
        case .count, .quit: break
        }
    }
}

/// Lines out of bytes as they come.
struct LineBuffer {
    private var bytes: [UInt8] = []
    private static let limit = 4096

    /// - Returns: the lines that are whole now, without their line feeds. What is longer than a line may be is dropped.
    mutating func append(_ more: some Sequence<UInt8>) -> [String] {
        bytes += more
        var lines: [String] = []
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: bytes[..<end], as: UTF8.self))
            bytes.removeFirst(end + 1)
        }
        if bytes.count > Self.limit { bytes = [] }
        return lines
    }
}
