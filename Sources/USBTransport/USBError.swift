/// A transfer, or a call to the bus, that failed.
public struct USBError: Error, Hashable, Sendable {
    public let code: Code
    /// What was being done when it failed.
    public let operation: Operation

    public init(_ code: Code, during operation: Operation) {
        self.code = code
        self.operation = operation
    }

    /// Result codes under libusb's numbers (libusb 1.0 API, `enum libusb_error`). Open: a number that has no name here
    /// is kept as it came.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        public static let io = Code(rawValue: -1)
        public static let invalidParameter = Code(rawValue: -2)
        public static let access = Code(rawValue: -3)
        public static let noDevice = Code(rawValue: -4)
        public static let notFound = Code(rawValue: -5)
        public static let busy = Code(rawValue: -6)
        public static let timeout = Code(rawValue: -7)
        public static let overflow = Code(rawValue: -8)
        /// `LIBUSB_ERROR_PIPE`: the endpoint is halted, or the device refused a control request.
        public static let stall = Code(rawValue: -9)
        public static let interrupted = Code(rawValue: -10)
        public static let noMemory = Code(rawValue: -11)
        public static let notSupported = Code(rawValue: -12)
        public static let other = Code(rawValue: -99)
    }

    public enum Operation: Hashable, Sendable {
        case start
        case enumerate
        case hotplug
        case open
        case claim(interface: UInt8)
        case release(interface: UInt8)
        case control(request: UInt8)
        case write(endpoint: UInt8)
        case read(endpoint: UInt8)
    }
}
