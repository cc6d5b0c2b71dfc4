/// An opened device: the seam. Everything above this protocol is ours, everything below is the bus.
///
/// Transfers are what crosses it, so all framing (CCID messages, feature reports, packets) runs in tests. Calls block
/// until the transfer is done or its timeout has passed; there is no waiting for ever, and a timeout of zero or less is
/// the shortest there is. A device is used by one thread at a time.
///
/// A transfer that fails with `.stall` leaves no halt behind: on a bulk or interrupt endpoint the device has cleared it
/// (CLEAR_FEATURE, USB 2.0, section 9.4.1) before the error is thrown, so the next transfer starts afresh. Endpoints
/// belong to claimed interfaces; on any other, `read` and `write` throw `.notFound`.
public protocol USBDevice: AnyObject {
    /// Takes an interface for this process; a kernel driver bound to it is detached until `close`.
    ///
    /// - Throws: `.busy` where another process holds it, `.notFound` where the device has no such interface.
    func claimInterface(_ number: UInt8) throws(USBError)

    /// A control transfer on endpoint 0.
    ///
    /// - Parameters:
    ///   - setup: the setup packet; `setup.length` is the data length for IN and equals `data.byteCount` for OUT.
    ///   - data: data stage of an OUT transfer, empty for IN.
    /// - Returns: the data stage of an IN transfer, at most `setup.length` bytes; empty for OUT.
    /// - Throws: `.stall` where the device refuses the request, `.invalidParameter` where `data` does not fit `setup`,
    ///   `.io` where the device took only a part of `data`.
    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8]

    /// A bulk or interrupt OUT transfer. An empty span sends a zero-length packet; none is added to data that ends with
    /// a full packet.
    ///
    /// - Parameter endpoint: address as in the endpoint descriptor, bit 7 clear.
    /// - Throws: on anything less than all bytes: `.timeout` or `.io`. The device may have seen some packets then.
    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError)

    /// A bulk or interrupt IN transfer. It ends at `count` bytes or at the first packet shorter than the endpoint's
    /// packet size, so the answer may be shorter than `count`, and empty for a zero-length packet.
    ///
    /// Packets that came before the timeout are not lost: they are returned as if the transfer had ended. Only then is
    /// the answer shorter than `count` and yet a whole number of packets, one or more.
    ///
    /// - Parameters:
    ///   - count: a multiple of the endpoint's packet size and more than zero, else `.invalidParameter`.
    ///   - endpoint: address as in the endpoint descriptor, bit 7 set.
    /// - Throws: `.timeout` where nothing came, `.overflow` where the device sent more than `count`.
    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8]

    /// Lets time pass: real devices sleep, virtual keys advance their own clock.
    func pause(for duration: Duration)

    /// Releases the claimed interfaces, gives detached drivers back and closes the device. Further calls of `close` do
    /// nothing; further transfers throw `.noDevice`.
    func close()
}
