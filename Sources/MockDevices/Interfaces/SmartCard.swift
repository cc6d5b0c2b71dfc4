/// The card behind a virtual reader: command bytes in, answer bytes out. It knows no USB and no CCID.
///
/// A value type, so that the reader can keep or drop a state as a whole.
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

    // MARK: The keyboard interface of the same chip

    /// All power goes, that of the card and of whatever else the chip does.
    mutating func losePower()

    /// A feature report from the host, of any length.
    ///
    /// - Returns: false to stall.
    mutating func take(feature report: [UInt8], at now: Duration) -> Bool

    /// The feature report for the host; nil to stall.
    mutating func feature(at now: Duration) -> [UInt8]?
}

/// A chip that is a card and nothing else.
extension SmartCard {
    public mutating func losePower() {}
    public mutating func take(feature report: [UInt8], at now: Duration) -> Bool { false }
    public mutating func feature(at now: Duration) -> [UInt8]? { nil }
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
