/// A firmware version, `major.minor.patch`.
public struct Version: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let major: UInt8
    public let minor: UInt8
    public let patch: UInt8

    public init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// From the three bytes that devices send.
    public init?(bytes: some Collection<UInt8>) {
        let parts = Array(bytes)
        guard parts.count == 3, let major = parts.first, let patch = parts.last else { return nil }
        self.init(major, parts.dropFirst().first ?? 0, patch)
    }

    public var description: String { "\(major).\(minor).\(patch)" }

    public static func < (left: Version, right: Version) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
