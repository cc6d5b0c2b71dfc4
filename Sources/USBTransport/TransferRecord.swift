/// One call on a device, as it is logged: what was asked and what came of it.
///
/// The description is one line, numbers of endpoints and requests in hexadecimal:
///
///     claim 1
///     control 0x09 0x0300 0x0000 out 8 bytes     request, value, index
///     control 0x01 0x0300 0x0000 in 8 bytes of 8
///     out 0x02 50 bytes
///     in 0x82 12 bytes of 3136
///     in 0x82 timeout
///     close
public struct TransferRecord: Hashable, Sendable, CustomStringConvertible {
    public enum Call: Hashable, Sendable {
        case claim(interface: UInt8)
        case control(ControlSetup)
        case write(endpoint: UInt8)
        case read(endpoint: UInt8)
        case close
    }

    public let call: Call
    /// Bytes to send, or at most to receive.
    public let asked: Int
    /// Bytes that were sent or received; none where the call failed.
    public let got: Int
    /// nil for a call that succeeded.
    public let failure: USBError.Code?
    /// The data, sent or received; nil unless the log was made to keep it.
    public let bytes: [UInt8]?

    public init(_ call: Call, asked: Int = 0, got: Int = 0, failure: USBError.Code? = nil, bytes: [UInt8]? = nil) {
        self.call = call
        self.asked = asked
        self.got = got
        self.failure = failure
        self.bytes = bytes
    }

    public var description: String {
        let words = [name, failure?.name ?? amount, bytes.map { $0.map { Self.hexadecimal($0) }.joined() }]
        return words.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
    }

    private var name: String {
        switch call {
        case .claim(let interface): "claim \(interface)"
        case .control(let setup):
            "control 0x\(Self.hexadecimal(setup.request)) 0x\(Self.hexadecimal(setup.value))"
                + " 0x\(Self.hexadecimal(setup.index)) \(setup.isIn ? "in" : "out")"
        case .write(let endpoint): "out 0x\(Self.hexadecimal(endpoint))"
        case .read(let endpoint): "in 0x\(Self.hexadecimal(endpoint))"
        case .close: "close"
        }
    }

    private var amount: String? {
        switch call {
        case .claim, .close: nil
        case .control(let setup) where setup.isIn: "\(got) bytes of \(asked)"
        case .control, .write: "\(got) bytes"
        case .read: "\(got) bytes of \(asked)"
        }
    }

    private static func hexadecimal(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: type(of: number).bitWidth / 4 - digits.count) + digits
    }
}

extension USBError.Code {
    /// In the log's words; a code without a name by its number.
    fileprivate var name: String {
        switch self {
        case .io: "io"
        case .invalidParameter: "invalid-parameter"
        case .access: "access"
        case .noDevice: "no-device"
        case .notFound: "not-found"
        case .busy: "busy"
        case .timeout: "timeout"
        case .overflow: "overflow"
        case .stall: "stall"
        case .interrupted: "interrupted"
        case .noMemory: "no-memory"
        case .notSupported: "not-supported"
        default: "error \(rawValue)"
        }
    }
}
