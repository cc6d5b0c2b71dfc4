public import ByteBuffers

/// A HID interface that is talked to in packets of one length over its interrupt endpoints, without report ids.
public protocol PacketConnection: AnyObject {
    /// In bytes, of each packet in both directions.
    var packetLength: Int { get }

    /// - Parameter packet: `packetLength` bytes.
    func send(_ packet: WipedBuffer) throws(ConnectionError)

    /// The next packet from the device: `packetLength` bytes.
    ///
    /// - Throws: `.usb` with the code `.timeout` where none came in time.
    func receive(timeout: Duration) throws(ConnectionError) -> [UInt8]

    /// Lets time pass, see `USBDevice`.
    func pause(for duration: Duration)

    /// Closes the device below. Further calls do nothing.
    func close()
}

/// Output reports on an interrupt OUT endpoint, input reports on an interrupt IN endpoint (HID 1.11, section 4.4).
///
/// The interface has to be claimed, which detaches the host's own HID driver until `close`.
public final class HIDPacketConnection: PacketConnection {
    public let packetLength: Int

    private let device: any USBDevice
    private let input: UInt8
    private let output: UInt8
    private var isOpen = true

    /// Claims the interface of an opened device that has the usage in its report descriptor and both endpoints.
    ///
    /// The device is closed again when this throws.
    ///
    /// - Parameter packetLength: bytes of a report; the one in each direction that the descriptor has to announce.
    public init(
        device: any USBDevice, configuration: ConfigurationDescriptor, usage: HIDUsage, packetLength: Int
    ) throws(ConnectionError) {
        self.device = device
        self.packetLength = packetLength
        do throws(ConnectionError) {
            let interface = try device.claimHIDInterface(of: configuration) { interface in
                interface.endpoint(.interrupt, in: .in) != nil && interface.endpoint(.interrupt, in: .out) != nil
            } isWanted: { descriptor in
                descriptor.reportLength(.input, of: usage) == packetLength
                    && descriptor.reportLength(.output, of: usage) == packetLength
            }
            guard let input = interface.endpoint(.interrupt, in: .in),
                let output = interface.endpoint(.interrupt, in: .out)
            else { throw ConnectionError.noSuitableInterface }
            (self.input, self.output) = (input.address, output.address)
        } catch {
            device.close()
            throw error
        }
    }

    deinit { close() }

    public func send(_ packet: WipedBuffer) throws(ConnectionError) {
        try ConnectionError.wrapping { () throws(USBError) in
            try packet.withBytes { bytes throws(USBError) in
                try device.write(bytes, to: output, timeout: Self.sendTimeout)
            }
        }
    }

    public func receive(timeout: Duration) throws(ConnectionError) -> [UInt8] {
        let packet = try ConnectionError.wrapping { () throws(USBError) in
            try device.read(upTo: packetLength, from: input, timeout: timeout)
        }
        guard packet.count == packetLength else { throw .malformed(.truncated) }
        return packet
    }

    public func pause(for duration: Duration) { device.pause(for: duration) }

    public func close() {
        guard isOpen else { return }
        isOpen = false
        device.close()
    }

    /// A device takes a packet within its polling interval, a few milliseconds, unless it hangs.
    private static let sendTimeout: Duration = .seconds(1)
}
