internal import COpenSSL

/// OpenSSL refused or failed; what was being done, and OpenSSL's own number for the reason.
public struct CryptoError: Error, Hashable, Sendable {
    public enum Operation: String, Hashable, Sendable {
        case random, hash, authenticate, deriveKey, truncate, encrypt
    }

    /// A packed error number as `ERR_peek_last_error` gives it; `openssl errstr` prints it in words.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt
        public init(rawValue: UInt) { self.rawValue = rawValue }

        /// OpenSSL left no number.
        public static let unknown = Code(rawValue: 0)
        /// `ERR_R_PASSED_INVALID_ARGUMENT`: also ours, for an argument that OpenSSL has no type to hold.
        public static let invalidArgument = Code(rawValue: UInt(ERR_R_PASSED_INVALID_ARGUMENT))
    }

    public let operation: Operation
    public let code: Code

    public init(_ operation: Operation, code: Code) {
        self.operation = operation
        self.code = code
    }

    /// The last error of this thread's queue; the queue is empty afterwards, so that it cannot explain a later failure.
    static func latest(_ operation: Operation) -> CryptoError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return CryptoError(operation, code: Code(rawValue: UInt(code)))
    }
}
