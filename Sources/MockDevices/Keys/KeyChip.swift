import USBTransport

/// The chip of a virtual key: one that keeps a memory and waits for touches.
protocol KeyChip: SmartCard {
    /// What of the memory goes into the state file, see `KeySnapshot`.
    var content: any KeyContent { get }

    /// Called with what the memory is going to be; where it throws, nothing was written and the key says so.
    var onMemoryWrite: (@Sendable (any KeyContent) throws -> Void)? { get set }

    var touch: TouchPolicy { get set }
    /// Touches that a command waited for and got.
    var touchCount: Int { get }

    /// What a touch has a slot type where that is a code of this key or a password in it; nil otherwise.
    mutating func type(slot: Int) -> String?

    /// The code that a key with a clock gives a person in a slot at that time, on its display or keyboard; nil for none, and
    /// on keys that tell their codes to the host.
    func code(slot: Int, at unixTime: UInt64) -> String?

    /// The same for a credential that has a name.
    func code(name: String, at unixTime: UInt64) -> String?
}

/// Members of the state file's object that are one kind of key's own.
typealias KeyContent = Encodable & Sendable

extension KeyChip {
    mutating func type(slot: Int) -> String? { nil }
    func code(slot: Int, at unixTime: UInt64) -> String? { nil }
    func code(name: String, at unixTime: UInt64) -> String? { nil }
}

/// A key that types nothing and is not only a card has no card to power.
protocol CardlessChip: KeyChip {}

extension CardlessChip {
    mutating func powerOn() {}
    mutating func powerOff() {}
    mutating func transmit(_ command: [UInt8]) -> CardAnswer { .mute }
    mutating func complete() -> [UInt8] { [] }
}

/// A chip of any kind of key.
struct AnyChip: SmartCard {
    var chip: any KeyChip

    mutating func powerOn() { chip.powerOn() }
    mutating func powerOff() { chip.powerOff() }
    mutating func transmit(_ command: [UInt8]) -> CardAnswer { chip.transmit(command) }
    mutating func complete() -> [UInt8] { chip.complete() }
    mutating func losePower() { chip.losePower() }

    mutating func take(feature report: [UInt8], on interface: UInt8, at now: Duration) -> Bool {
        chip.take(feature: report, on: interface, at: now)
    }

    mutating func feature(on interface: UInt8, at now: Duration) -> [UInt8]? { chip.feature(on: interface, at: now) }

    mutating func take(report: [UInt8], from endpoint: UInt8, at now: Duration) -> Bool {
        chip.take(report: report, from: endpoint, at: now)
    }

    mutating func nextReport(for endpoint: UInt8, at now: Duration) -> [UInt8]? {
        chip.nextReport(for: endpoint, at: now)
    }

    var nextReportTime: Duration? { chip.nextReportTime }

    mutating func answer(vendor setup: ControlSetup, data: [UInt8], at now: Duration) -> [UInt8]? {
        chip.answer(vendor: setup, data: data, at: now)
    }
}
