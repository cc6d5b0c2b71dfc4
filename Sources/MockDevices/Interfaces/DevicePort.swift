public import USBTransport

/// The device's end of the cable: what a host controller does with a device, below opening, claims and timeouts, which
/// belong to the host's system. A bus that is not in process, such as USB/IP, drives the device here.
///
/// Nothing waits in it. A transfer that the device does not answer yet stays with the caller, who offers it again when
/// time has passed. A halted endpoint stays halted until CLEAR_FEATURE, SET_CONFIGURATION or SET_INTERFACE.
public protocol DevicePort: AnyObject, Sendable {
    var descriptors: DescriptorSet { get }
    var isPlugged: Bool { get }
    /// How often it was plugged in, the first time included.
    var plugCount: Int { get }
    func plug()
    func unplug()
    /// Resets the device, as a hub does at a port: volatile state is lost.
    func reset()

    /// Lets time pass for the device, plugged in or not.
    func advance(by elapsed: Duration)
    /// How long until the device will have something to say by itself; nil where nothing is on its way.
    var timeUntilNextEvent: Duration? { get }

    func control(_ setup: ControlSetup, data: [UInt8]) -> PortOutcome
    /// A bulk or interrupt OUT transfer.
    func send(_ bytes: [UInt8], to endpoint: UInt8) -> PortOutcome
    /// A bulk or interrupt IN transfer, whole or not at all: packets that do not end it stay in the device.
    func receive(upTo count: Int, from endpoint: UInt8) -> PortOutcome
    /// The packets that came for an IN transfer that the host gives up.
    ///
    /// - Returns: empty where none had come.
    func giveUp(upTo count: Int, from endpoint: UInt8) -> [UInt8]

    /// Plays a fault at a transfer to come.
    ///
    /// - Parameter number: counted from now, from 1; see `transferCounts` for what counts.
    func plan(_ fault: Fault, atTransfer number: Int)
    /// Transfers so far by endpoint address, control transfers under 0.
    ///
    /// Control transfers count except `ControlSetup.isHousekeeping`; a read counts when it ends, and one that the host
    /// gives up on a bulk endpoint counts as one that found nothing. So a host's system neither enumerating nor polling
    /// interrupt endpoints changes the numbers.
    var transferCounts: [UInt8: Int] { get }
}

/// How a transfer went.
public enum PortOutcome: Hashable, Sendable {
    /// OUT: bytes that the device took.
    case sent(Int)
    case received([UInt8])
    /// Not yet: offer it again later.
    case waiting
    /// Never: the transfer stays open until the host gives it up, and those behind it wait.
    case silent
    case stalled
    /// The device sent more than the host had room for.
    case overflow
    /// A host controller fault.
    case busy
    /// There is no such endpoint.
    case noEndpoint
    /// Setup packet and data do not fit together.
    case invalid
    /// The device is not there any more.
    case gone
}
