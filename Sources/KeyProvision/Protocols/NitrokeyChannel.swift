import ByteBuffers
import USBTransport

/// One request and the response to it, over feature reports.
///
/// The key drops a request that comes while it works, and shows what it has, which can be the response to an earlier one.
/// So the response is looked at again until it is ready, of this command and of this request's CRC. What was sent is not
/// sent again where the key may have done it: a PIN would lose two tries, and a counter would step twice.
final class NitrokeyChannel {
    private let connection: any ReportConnection
    private let limits: NitrokeyLimits

    init(_ connection: any ReportConnection, limits: NitrokeyLimits) {
        (self.connection, self.limits) = (connection, limits)
    }

    /// - Throws: `.unknownOutcome` where the key does not answer in time, or, for a command that changes nothing,
    ///   `.connection` with a timeout; a status other than OK is returned.
    func exchange(
        _ command: NitrokeyCommand, _ payload: WipedBuffer = WipedBuffer(capacity: 0), during step: DeviceStep
    ) throws(DeviceError) -> NitrokeyReport.Response {
        guard let (report, crc) = NitrokeyReport.request(command, payload) else {
            throw .connection(.commandTooLong(payload.count), during: step)
        }
        for _ in 0...(command.changesNothing ? limits.resends : 0) {
            try send(report, during: step)
            if let response = try response(to: command, crc, during: step) { return response }
        }
        throw command.changesNothing ? .connection(.usb(Self.silence), during: step) : .unknownOutcome(during: step)
    }

    /// - Returns: nil where the key works for longer than it should, or shows nothing but the response to another request: one
    ///   that worked for an ended program when the request came has dropped it.
    private func response(
        to command: NitrokeyCommand, _ crc: UInt32, during step: DeviceStep
    ) throws(DeviceError) -> NitrokeyReport.Response? {
        var pause = limits.pause
        for _ in 0..<limits.reads {
            connection.pause(for: pause)
            guard let response = NitrokeyReport.Response(parsing: try receive(during: step)) else {
                throw .malformedResponse(during: step)
            }
            switch response.deviceStatus {
            case .ready where response.command == command && response.requestCRC == crc:
                guard command.isOfStorage, response.storageStatus.isBusy else { return response }
                pause = min(pause * 2, limits.longestPause)
            case .ready: pause = limits.pause
            case .error: throw .malformedResponse(during: step)
            default: pause = min(pause * 2, limits.longestPause)
            }
        }
        return nil
    }

    /// As `exchange`, for commands that answer OK or fail.
    func run(
        _ command: NitrokeyCommand, _ payload: WipedBuffer = WipedBuffer(capacity: 0), during step: DeviceStep
    ) throws(DeviceError) -> ArraySlice<UInt8> {
        let response = try exchange(command, payload, during: step)
        switch response.status {
        case .ok: return response.output
        case .slotNotProgrammed: throw .noSuchCredential
        case .notAuthorized: throw .pinRequired(command == .getCode ? .user : .admin)
        default: throw .status(StatusWord(rawValue: UInt16(response.status.rawValue)), during: step)
        }
    }

    func close() { connection.close() }

    private func receive(during step: DeviceStep) throws(DeviceError) -> [UInt8] {
        do throws(ConnectionError) { return try connection.receive() } catch { throw .connection(error, during: step) }
    }

    private func send(_ report: WipedBuffer, during step: DeviceStep) throws(DeviceError) {
        do throws(ConnectionError) { try connection.send(report) } catch { throw .connection(error, during: step) }
    }

    /// A key that stays busy is one that does not answer in time.
    private static let silence = USBError(.timeout, during: .control(request: 0x01))
}

/// How long a key may work on a request (libnitrokey, `device.cc`).
struct NitrokeyLimits: Hashable, Sendable {
    /// Before each look at the response; doubled where the key says that it is busy.
    var pause: Duration
    var reads: Int
    var longestPause: Duration = .milliseconds(300)
    /// Of a request that was dropped.
    var resends = 1

    static let pro = NitrokeyLimits(pause: .milliseconds(100), reads: 15)
    static let storage = NitrokeyLimits(pause: .milliseconds(40), reads: 55)
}
