import ByteBuffers
public import USBTransport

/// Commands to one smart card, whole responses back: chained responses (`61xx`) are fetched to their end here, and a
/// failing connection becomes a `DeviceError` here and nowhere else.
public final class APDUChannel {
    private let connection: any SmartCardConnection
    /// How commands are encoded. The short form works with every key known.
    public var form: CommandAPDU.Form
    private let observer: APDUObserver?

    /// No applet has more to say: 64 credentials with names of 64 bytes are under 5 KiB.
    static let maxResponseLength = 65_536

    public init(connection: any SmartCardConnection, form: CommandAPDU.Form = .short, observer: APDUObserver? = nil) {
        self.connection = connection
        self.form = form
        self.observer = observer
    }

    /// Makes an applet the one that receives the following commands.
    ///
    /// - Throws: `.applicationNotAvailable` for each of the status words with which cards say that.
    public func select(_ application: ApplicationID, during step: DeviceStep) throws(DeviceError) -> ArraySlice<UInt8> {
        let command = CommandAPDU(
            ins: ISO7816.select, p1: ISO7816.byName, p2: ISO7816.firstOccurrence, data: WipedBuffer(application.bytes))
        let response = try send(command, during: step)
        switch response.status {
        case .ok: return response.data
        case .fileNotFound, .functionNotSupported, .instructionNotSupported, .classNotSupported:
            throw .applicationNotAvailable(step)
        default: throw .status(response.status, during: step)
        }
    }

    /// Sends a command.
    ///
    /// - Parameter continuation: instruction that fetches the rest of a long response: GET RESPONSE, or an applet's own.
    /// - Returns: the whole response; its status word may be any but `61xx`.
    public func send(
        _ command: CommandAPDU, continuation: UInt8 = ISO7816.getResponse, during step: DeviceStep
    ) throws(DeviceError) -> ResponseAPDU {
        var response = try exchange(command, during: step)
        guard response.status.hasMoreData else { return response }
        var data: [UInt8] = []
        while response.status.hasMoreData {
            // "More data" without any data would go on for ever (CanoKey's LIST without Le).
            guard !response.data.isEmpty, data.count <= Self.maxResponseLength else {
                throw .malformedResponse(during: step)
            }
            data += response.data
            response = try exchange(CommandAPDU(ins: continuation), during: step)
        }
        return ResponseAPDU(data: data[...] + response.data, status: response.status)
    }

    public func close() { connection.close() }

    /// Bytes of data that one command carries here.
    var maxDataLength: Int {
        connection.carriesExtendedAPDUs ? CommandAPDU.maxExtendedDataLength : CommandAPDU.maxShortDataLength
    }

    private func exchange(_ command: CommandAPDU, during step: DeviceStep) throws(DeviceError) -> ResponseAPDU {
        guard command.data.count <= maxDataLength, let bytes = command.encoded(form) else {
            throw .connection(.commandTooLong(command.data.count), during: step)
        }
        let answer: [UInt8]
        do throws(ConnectionError) {
            answer = try connection.transmit(bytes)
        } catch {
            throw .connection(error, during: step)
        }
        guard let response = ResponseAPDU(parsing: answer) else { throw .malformedResponse(during: step) }
        observer?(
            APDUExchange(
                cla: command.cla, ins: command.ins, p1: command.p1, p2: command.p2, sent: command.data.count,
                received: response.data.count, status: response.status))
        return response
    }
}

/// What may be told of an exchange: no byte of its data.
public struct APDUExchange: Hashable, Sendable, CustomStringConvertible {
    public let cla: UInt8
    public let ins: UInt8
    public let p1: UInt8
    public let p2: UInt8
    /// Bytes of data in the command and in the response.
    public let sent: Int
    public let received: Int
    public let status: StatusWord

    /// For instance `00 01 00 00, 40 bytes: 9000, 0 bytes`.
    public var description: String {
        let header = [cla, ins, p1, p2].map(Self.hex).joined(separator: " ")
        return "\(header), \(sent) bytes: \(status), \(received) bytes"
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}

public typealias APDUObserver = (APDUExchange) -> Void

/// Instructions and parameters of ISO 7816-4 (sections 11.1.1 and 11.7.1).
public enum ISO7816 {
    public static let select: UInt8 = 0xA4
    public static let byName: UInt8 = 0x04
    public static let firstOccurrence: UInt8 = 0x00
    public static let getResponse: UInt8 = 0xC0
}
