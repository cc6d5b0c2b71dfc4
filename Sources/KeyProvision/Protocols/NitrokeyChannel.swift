import ByteBuffers
import USBTransport

/// One request and the response to it, over feature reports.
///
/// The key drops a request that comes while it works, and answers with what it has, so the response is looked at again
/// until it is ready, of this command and of this request's CRC.
final class NitrokeyChannel {
    private let connection: any ReportConnection
    private let limits: NitrokeyLimits

    init(_ connection: any ReportConnection, limits: NitrokeyLimits) {
        (self.connection, self.limits) = (connection, limits)
    }

    /// - Throws: `.connection` with a timeout where the key goes on working; a status other than OK is returned.
    func exchange(
        _ command: NitrokeyCommand, _ payload: WipedBuffer = WipedBuffer(capacity: 0), during step: DeviceStep
    ) throws(DeviceError) -> NitrokeyReport.Response {
        guard let (report, crc) = NitrokeyReport.request(command, payload) else {
            throw .connection(.commandTooLong(payload.count), during: step)
        }
        var resends = 0
        try send(report, during: step)
        var pause = limits.pause
        for _ in 0..<limits.reads {
            connection.pause(for: pause)
            guard let response = NitrokeyReport.Response(parsing: try receive(during: step)) else {
                throw .malformedResponse(during: step)
            }
            switch response.deviceStatus {
            case .ready where response.command == command && response.requestCRC == crc:
                guard !command.isOfStorage || !response.storageStatus.isBusy else {
                    pause = min(pause * 2, limits.longestPause)
                    continue
                }
                guard response.status == .wrongCRC else { return response }
                // What came over was damaged, and the key did nothing.
                try resend(report, &resends, during: step)
            case .ready:
                // A key that worked for an ended program when the request came has dropped it.
                try resend(report, &resends, during: step)
            case .error: throw .malformedResponse(during: step)
            default: pause = min(pause * 2, limits.longestPause)
            }
        }
        throw .connection(.usb(Self.silence), during: step)
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

    private func resend(_ report: WipedBuffer, _ count: inout Int, during step: DeviceStep) throws(DeviceError) {
        guard count < limits.resends else { throw .malformedResponse(during: step) }
        count += 1
        try send(report, during: step)
    }

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
    /// Of a request that came over damaged or was dropped.
    var resends = 4

    static let pro = NitrokeyLimits(pause: .milliseconds(100), reads: 15)
    static let storage = NitrokeyLimits(pause: .milliseconds(40), reads: 55)
}
