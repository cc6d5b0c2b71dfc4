import ByteBuffers
import SecretFormats
import TestSupport

/// Secrets in the clear, for comparing them in tests only.
extension Secret {
    convenience init(_ bytes: [UInt8]) { self.init(WipedBuffer(bytes)) }
    convenience init(text: String) { self.init(WipedBuffer(text.utf8)) }

    var exposedBytes: [UInt8] { withBytes { bytes in bytes.withUnsafeBytes(Array.init) } }
    var exposedText: String { String(decoding: exposedBytes, as: UTF8.self) }
    var exposedHex: String { hex(exposedBytes) }
}

extension WipedBuffer {
    var exposedBytes: [UInt8] { withBytes { bytes in bytes.withUnsafeBytes(Array.init) } }
    var exposedText: String { String(decoding: exposedBytes, as: UTF8.self) }
}

/// Calls `body` with the bytes of `text`.
func withBytes<Result, Failure: Error>(
    of text: String, _ body: (RawSpan) throws(Failure) -> Result
) throws(Failure) -> Result {
    try WipedBuffer(text.utf8).withBytes(body)
}

/// The error that `body` throws, or nil.
func formatError<Result>(_ body: () throws(FormatError) -> Result) -> FormatError? {
    do throws(FormatError) {
        _ = try body()
        return nil
    } catch {
        return error
    }
}
