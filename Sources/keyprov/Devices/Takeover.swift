/// Has programs let go of a key in the ways that they offer for that, and gives the key's service back afterwards.
///
/// No process is sent a signal, and none is chosen by its name alone: pcscd is stopped and started by its service
/// manager, scdaemon by GnuPG's own tool. An interface that another program holds cannot be taken from it: the kernel
/// has no way for that.
final class Takeover {
    /// What was stopped and has to be started again.
    private var stopped: [Service] = []

    /// A program that takes smart cards, and how it is told to let go.
    private enum Service: CaseIterable {
        case pcscd, scdaemon

        var process: String {
            switch self {
            case .pcscd: "pcscd"
            case .scdaemon: "scdaemon"
            }
        }

        /// The socket would start pcscd again at once.
        var stop: [String] {
            switch self {
            case .pcscd: ["systemctl", "stop", "pcscd.socket", "pcscd.service"]
            case .scdaemon: ["gpgconf", "--kill", "scdaemon"]
            }
        }

        /// scdaemon comes back by itself when GnuPG wants it.
        var start: [String]? {
            switch self {
            case .pcscd: ["systemctl", "start", "pcscd.socket"]
            case .scdaemon: nil
            }
        }
    }

    /// Whether one of those holders can be told to let go.
    static func canRelease(_ holders: [DeviceHolder]) -> Bool { !services(of: holders).isEmpty }

    private static func services(of holders: [DeviceHolder]) -> [Service] {
        Service.allCases.filter { service in holders.contains { $0.name == service.process } }
    }

    /// Has those holders let go that can be told to.
    ///
    /// - Returns: whether there was one, and it did.
    func release(_ holders: [DeviceHolder], _ console: Console) -> Bool {
        var released = false
        for service in Self.services(of: holders) {
            console.note("having \(service.process) let go: '\(service.stop.joined(separator: " "))'")
            guard Self.run(service.stop) else {
                console.warn("'\(service.stop.joined(separator: " "))' failed")
                continue
            }
            released = true
            stopped.append(service)
        }
        return released
    }

    /// Starts again what was stopped.
    func giveBack(_ console: Console) {
        for start in stopped.compactMap(\.start) {
            if Self.run(start) {
                console.note("gave back: '\(start.joined(separator: " "))'")
            } else {
                console.warn(
                    "'\(start.joined(separator: " "))' failed; until it is done, other programs see no smart card")
            }
        }
        stopped = []
    }

    private static func run(_ command: [String]) -> Bool { World.current.runProgram(command) == 0 }
}
