public import USBTransport

/// The chip of a virtual device: as a card behind a reader it takes command bytes and gives answer bytes; beside that it
/// may have HID reports and vendor requests of its own. It knows no CCID and no packets.
///
/// A value type, so that the device can keep or drop a state as a whole.
public protocol SmartCard: Sendable {
    /// Power comes: volatile state begins anew.
    mutating func powerOn()

    /// Power goes: volatile state is lost.
    mutating func powerOff()

    /// A command APDU as it came, of any content.
    mutating func transmit(_ command: [UInt8]) -> CardAnswer

    /// Finishes the command that was answered with `.later`, once its time has come.
    ///
    /// - Returns: data and status word.
    mutating func complete() -> [UInt8]

    // MARK: Beside the card

    /// All power goes, that of the card and of whatever else the chip does.
    mutating func losePower()

    /// A feature report from the host to a HID interface, of any length.
    ///
    /// - Returns: false to stall.
    mutating func take(feature report: [UInt8], on interface: UInt8, at now: Duration) -> Bool

    /// The feature report of a HID interface; nil to stall.
    mutating func feature(on interface: UInt8, at now: Duration) -> [UInt8]?

    /// An output report, one packet on an interrupt OUT endpoint.
    ///
    /// - Returns: false where nobody listens there: the endpoint never takes the packet.
    mutating func take(report: [UInt8], from endpoint: UInt8, at now: Duration) -> Bool

    /// The next input report that is due on an interrupt IN endpoint, one packet; nil while there is none.
    mutating func nextReport(for endpoint: UInt8, at now: Duration) -> [UInt8]?

    /// When an input report will be due that is not yet; nil where none is on its way.
    var nextReportTime: Duration? { get }

    /// A vendor request on the control pipe.
    ///
    /// - Returns: the data for the host, empty for OUT requests; nil to stall.
    mutating func answer(vendor setup: ControlSetup, data: [UInt8], at now: Duration) -> [UInt8]?
}

/// A chip that is a card and nothing else.
extension SmartCard {
    public mutating func losePower() {}
    public mutating func take(feature report: [UInt8], on interface: UInt8, at now: Duration) -> Bool { false }
    public mutating func feature(on interface: UInt8, at now: Duration) -> [UInt8]? { nil }
    public mutating func take(report: [UInt8], from endpoint: UInt8, at now: Duration) -> Bool { false }
    public mutating func nextReport(for endpoint: UInt8, at now: Duration) -> [UInt8]? { nil }
    public var nextReportTime: Duration? { nil }
    public mutating func answer(vendor setup: ControlSetup, data: [UInt8], at now: Duration) -> [UInt8]? { nil }
}

/// How a card answers a command.
public enum CardAnswer: Hashable, Sendable {
    /// Data and status word.
    case bytes([UInt8])
    /// Not before this much time has passed; the reader then calls `complete`.
    case later(Duration)
    /// Never: the reader reports a mute card.
    case mute
}
