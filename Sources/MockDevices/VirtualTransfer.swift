public import USBTransport

/// One transfer that a handle asked for, so that round trips can be counted.
public struct VirtualTransfer: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        case control(ControlSetup)
        /// Address with the direction in bit 7.
        case endpoint(UInt8)
    }

    public enum Direction: Hashable, Sendable {
        case `in`, out
    }

    public let target: Target
    public let direction: Direction
    /// Bytes that the host sent or got.
    public let byteCount: Int
    /// Nil where the transfer went well.
    public let error: USBError.Code?
}
