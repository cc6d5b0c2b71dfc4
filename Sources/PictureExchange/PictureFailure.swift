/// Why a picture gave no codes.
public struct PictureFailure: Error, Hashable, Sendable {
    /// The number in the answer; see `PictureAnswer`.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// None of the kinds that are read, or one whose decoder is not installed.
        public static let unknownKind = Code(rawValue: 1)
        /// Broken, or cut short.
        public static let damaged = Code(rawValue: 2)
        /// More pixels than are decoded: `first` by `second`.
        public static let tooManyPixels = Code(rawValue: 3)
        /// More bytes than are read.
        public static let tooLong = Code(rawValue: 4)
        /// A PDF of `first` pages.
        public static let tooManyPages = Code(rawValue: 5)
        /// A PDF that opens with a password only.
        public static let encrypted = Code(rawValue: 6)
        /// No QR code was found.
        public static let noCode = Code(rawValue: 7)
        /// More codes than are passed on.
        public static let tooManyCodes = Code(rawValue: 8)
        /// A library failed without a reason of the picture's.
        public static let failed = Code(rawValue: 9)
    }

    public let code: Code
    /// What the code says of it, 0 otherwise.
    public let first: UInt32
    public let second: UInt32

    public init(_ code: Code, _ first: Int = 0, _ second: Int = 0) {
        self.code = code
        self.first = UInt32(clamping: first)
        self.second = UInt32(clamping: second)
    }
}
