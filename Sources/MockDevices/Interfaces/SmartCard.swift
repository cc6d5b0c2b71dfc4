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
