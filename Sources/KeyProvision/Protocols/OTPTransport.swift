import ByteBuffers

/// What brings commands to the OTP application: feature reports, or a card's applet.
protocol OTPTransport: AnyObject {
    func status(during step: DeviceStep) throws(DeviceError) -> OTPStatus

    /// Sends a command and waits for what comes of it.
    ///
    /// - Parameter payload: at most 64 bytes.
    func exchange(_ command: UInt8, _ payload: WipedBuffer, during step: DeviceStep) throws(DeviceError) -> OTPOutcome

    /// Sends a command and sees whether the key waits for a touch, which is then not waited for.
    func waitsForTouch(_ command: UInt8, _ payload: WipedBuffer, during step: DeviceStep) throws(DeviceError) -> Bool

    /// The bytes that a response carries.
    ///
    /// - Parameter length: of them; nil where the first byte tells how many follow.
    /// - Returns: nil for a response that is damaged.
    func contents(of response: [UInt8], length: Int?) -> [UInt8]?

    /// Whether the status after a write shows that it was counted.
    func counts(writesOf firmware: Version) -> Bool

    func close()
}

/// What came of a command to the OTP application.
enum OTPOutcome {
    /// As the transport has it, see `OTPTransport.contents`.
    case response([UInt8])
    /// No response: the statuses before and after, and whether the key asked for a touch in between.
    case status(before: OTPStatus, after: OTPStatus, askedForTouch: Bool)
}
