import ArgumentParser
import MockDevices

extension Virtual {
    /// Virtual keys as USB devices for other programs, over USB/IP.
    struct Serve: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "serve",
            abstract: "Offer virtual keys as USB devices over USB/IP.",
            discussion: """
                Linux attaches such a device with 'usbip attach --remote 127.0.0.1 --busid 1-1', and every program \
                then sees a USB key. Keys that do not exist are made. They sit at the bus ids 1-1, 1-2, … in the order \
                of their names. One line on standard output says when the server listens; what happens is said on \
                standard error. There is no protection but the address and the socket's permissions.

                For tests and demonstrations, lines on standard input, where that is no terminal, control the keys:

                  unplug NAME          pull the key out; plug NAME puts it back
                  fault NAME KIND@N    play a fault at the N-th transfer from now
                  touch NAME WHEN      as --touch
                  count                print the transfers of each key
                  quit                 end

                Each is answered by one line on standard output. SIGUSR1 is 'count', SIGINT and SIGTERM are 'quit'.

                What counts as a transfer: control, bulk and interrupt transfers, but not the standard requests, idle \
                rate and lights, which the system sends by itself, so that enumeration does not shift the numbers. A \
                read counts when it ends. A read that the host gives up counts on a bulk endpoint only.
                """,
            version: Keyprov.version)

        @Argument(
            help: ArgumentHelp("MODEL or MODEL:LABEL.", valueName: "name"), completion: Catalog.virtualNames)
        var names: [String]

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Listen on this port of 127.0.0.1 (default \(Self.usualPort)); 0 is any free one.",
                valueName: "number"))
        var port: UInt16?

        @Option(
            name: .long,
            help: ArgumentHelp("Listen on a new unix socket that only this user can use.", valueName: "path"))
        var socket: String?

        @Option(
            name: .long,
            help: ArgumentHelp(
                "For tests: when somebody touches a key that waits for it, in seconds, or 'never' (default 1).",
                valueName: "when"))
        var touch: TouchTime?

        @Option(
            name: .customLong("fault"),
            help: ArgumentHelp(
                """
                For tests: what goes wrong at the N-th transfer of each key: \
                \(PlannedFault.kinds.map(\.name).joined(separator: ", ")). May be repeated.
                """, valueName: "kind@n"))
        var faults: [PlannedFault] = []

        @Flag(name: .customLong("count-transfers"), help: "For tests: print the transfers of each key at the end.")
        var countsTransfers = false

        @Flag(name: .customLong("until-eof"), help: "For tests: end when standard input ends.")
        var endsWithInput = false

        @OptionGroup(title: "Common") var global: GlobalOptions

        /// Registered for USB/IP (IANA, Service Name and Port Number Registry).
        private static let usualPort: UInt16 = 3240

        mutating func validate() throws {
            guard !names.isEmpty else { throw ValidationError("name at least one key") }
            guard Set(names).count == names.count else { throw ValidationError("each key can be named once") }
            guard names.count <= Self.portsOfAHub else {
                throw ValidationError("that is more keys than a hub has ports")
            }
            if port != nil, socket != nil { throw ValidationError("--port and --socket exclude each other") }
        }

        func run() throws {
            let store = VirtualKeyStore(stateFolder: try global.stateFolder())
            let loaded = try names.map { name in
                let (key, lock) = try store.load(VirtualKeyStore.Name(name))
                return (key: ServedKey(name: name, key: key), lock: lock)
            }
            let keys = loaded.map(\.key)
            for served in keys {
                if let touch { served.key.touch = touch.policy }
                for fault in faults { served.key.port.plan(fault.fault, atTransfer: fault.number) }
            }
            let listener =
                if let socket {
                    try ListeningSocket(path: socket)
                } else {
                    try ListeningSocket(loopbackPort: port ?? Self.usualPort)
                }
            let report = ServeReport(global: global, keys: keys)
            let loop = ServeLoop(
                keys: keys, listener: listener, report: report, signals: try SignalPipe(),
                endsWithInput: endsWithInput)
            try withExtendedLifetime(loaded) {
                try report.listening(on: listener.address, busIDs: loop.busIDs)
                try loop.run()
                if countsTransfers { try report.counts() }
            }
        }

        private static let portsOfAHub = 255
    }
}

/// A virtual key under the name it was asked for.
struct ServedKey {
    let name: String
    let key: VirtualKey
}

/// `never`, or seconds.
struct TouchTime: ExpressibleByArgument {
    let policy: TouchPolicy

    init?(argument: String) {
        if argument == Self.never {
            policy = .never
        } else {
            guard let seconds = Double(argument), (0...Self.longest).contains(seconds) else { return nil }
            policy = .after(.seconds(seconds))
        }
    }

    private static let never = "never"
    private static let longest = 3600.0
}

/// `KIND@N`.
struct PlannedFault: ExpressibleByArgument {
    let fault: Fault
    /// From 1.
    let number: Int

    init?(argument: String) {
        let parts = argument.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Self.kinds.first(where: { $0.name == parts[0] }),
            let number = Int(parts[1]), (1...Self.highestNumber).contains(number)
        else { return nil }
        (fault, self.number) = (kind.fault, number)
    }

    static let kinds: [(name: String, fault: Fault)] = [
        ("stall", .stall), ("timeout", .timeout), ("short", .short), ("garbled", .garbled),
        ("unplug-before", .unplugBefore), ("unplug-after", .unplugAfter),
    ]
    private static let highestNumber = 1_000_000
}
