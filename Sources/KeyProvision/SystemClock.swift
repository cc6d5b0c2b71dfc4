internal import Glibc

/// The clock of this machine.
public enum SystemClock {
    /// Seconds since 1970.
    public static var unixTime: UInt64 { UInt64(clamping: time(nil)) }
}
