public import ByteBuffers

/// A HID interface that is talked to in feature reports of one length, without report ids.
public protocol ReportConnection: AnyObject {
    /// In bytes, of each report in both directions.
    var reportLength: Int { get }

    /// What the device has to say now: `reportLength` bytes.
    func receive() throws(ConnectionError) -> [UInt8]

    /// - Parameter report: `reportLength` bytes.
    func send(_ report: WipedBuffer) throws(ConnectionError)

    /// Lets time pass, see `USBDevice`.
    func pause(for duration: Duration)

    /// Closes the device below. Further calls do nothing.
    func close()
}
