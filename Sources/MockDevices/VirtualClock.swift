/// Time as a virtual key knows it. Nothing sleeps: time passes where a host would wait, in `pause` and in a read that
/// finds nothing, so a touch wait of fifteen seconds costs a test no time at all.
public struct VirtualClock: Hashable, Sendable {
    /// Since the key came into being; it goes on while the key is unplugged.
    public private(set) var now: Duration = .zero

    public init() {}

    /// A negative duration is no time.
    public mutating func advance(by duration: Duration) { now += max(duration, .zero) }

    /// A moment that has passed changes nothing.
    public mutating func advance(to moment: Duration) { now = max(now, moment) }
}
