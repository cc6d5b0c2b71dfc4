public import ByteBuffers

/// A smart card behind vendor requests on the control pipe: one request takes the command, one tells whether the answer is
/// there, one fetches it.
///
/// Linux lets vendor requests pass without a claim, so this works while another program holds the key's reader. There is no
/// power to switch off: what ends a session on the card is a last command.
public final class VendorRequestConnection: SmartCardConnection {
    /// The requests of one kind of device, to an interface.
    ///
    ///     bmRequestType 41   bRequest send     wLength of the command
    ///     bmRequestType C1   bRequest status   wLength 1: `working`, `ready` or something that has no answer to fetch
    ///     bmRequestType C1   bRequest fetch    the response
    public struct Requests: Hashable, Sendable {
        public let send: UInt8
        public let fetch: UInt8
        public let status: UInt8
        public let working: UInt8
        public let ready: UInt8
        /// Longest response, in bytes.
        public let maxResponseLength: UInt16

        public init(
            send: UInt8, fetch: UInt8, status: UInt8, working: UInt8, ready: UInt8, maxResponseLength: UInt16
        ) {
            (self.send, self.fetch, self.status) = (send, fetch, status)
            (self.working, self.ready, self.maxResponseLength) = (working, ready, maxResponseLength)
        }
    }

    /// There is none.
    public let answerToReset: [UInt8] = []
    public let carriesExtendedAPDUs = true

    private let device: any USBDevice
    private let interface: UInt8
    private let requests: Requests
    private let lastCommand: [UInt8]
    private var isOpen = true

    /// - Parameters:
    ///   - interface: number of the one that the requests are for. It is not claimed.
    ///   - lastCommand: sent by `close`; its answer is not looked at.
    public init(device: any USBDevice, interface: UInt8, requests: Requests, lastCommand: [UInt8]) {
        (self.device, self.interface) = (device, interface)
        (self.requests, self.lastCommand) = (requests, lastCommand)
    }

    deinit { close() }

    public func transmit(_ command: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        guard let length = UInt16(exactly: command.count) else { throw .commandTooLong(command.count) }
        try send(command, length)
        var patience = Self.answerPatience
        while true {
            let status = try ask(requests.status, length: 1)
            switch status.first {
            case requests.ready where status.count == 1:
                return try ask(requests.fetch, length: requests.maxResponseLength)
            case requests.working where status.count == 1:
                guard patience > .zero else {
                    throw .usb(USBError(.timeout, during: .control(request: requests.status)))
                }
                device.pause(for: Self.pause)
                patience -= Self.pause
            default: throw .malformed(.truncated)
            }
        }
    }

    public func close() {
        guard isOpen else { return }
        isOpen = false
        _ = try? transmit(WipedBuffer(lastCommand))
        device.close()
    }

    /// A stall says that the chip works on the command of another program, through its reader. One that goes on for long is
    /// a key in use.
    private func send(_ command: WipedBuffer, _ length: UInt16) throws(ConnectionError) {
        let setup = ControlSetup(
            requestType: ControlSetup.vendorInterfaceOut, request: requests.send, value: 0, index: UInt16(interface),
            length: length)
        var patience = Self.busyPatience
        while true {
            do throws(USBError) {
                return try command.withBytes { bytes throws(USBError) in
                    _ = try device.control(setup, data: bytes, timeout: Self.timeout)
                }
            } catch {
                guard error.code == .stall else { throw .usb(error) }
                guard patience > .zero else { throw .usb(USBError(.busy, during: error.operation)) }
                device.pause(for: Self.pause)
                patience -= Self.pause
            }
        }
    }

    private func ask(_ request: UInt8, length: UInt16) throws(ConnectionError) -> [UInt8] {
        let setup = ControlSetup(
            requestType: ControlSetup.vendorInterfaceIn, request: request, value: 0, index: UInt16(interface),
            length: length)
        return try ConnectionError.wrapping { () throws(USBError) in
            try device.control(setup, data: RawSpan(), timeout: Self.timeout)
        }
    }

    private static let timeout: Duration = .seconds(1)
    private static let pause: Duration = .milliseconds(20)
    private static let busyPatience: Duration = .seconds(2)
    /// The longest wait of a key, for a touch, is 30 s.
    private static let answerPatience: Duration = .seconds(40)
}

extension ControlSetup {
    /// `bmRequestType` of vendor requests to an interface.
    fileprivate static let vendorInterfaceOut: UInt8 = 0x41
    fileprivate static let vendorInterfaceIn: UInt8 = 0xC1
}
