public import ByteBuffers

/// Key material, or text that contains it.
///
/// The bytes live in one place behind a pointer, so that moving a secret around copies a reference and never the bytes.
/// They are overwritten when the last reference goes. A secret never prints itself: `print`, `dump`, mirrors and
/// interpolation show its length, also when it sits inside another value. It has no `Codable` and no `Hashable`.
public final class Secret: @unchecked Sendable {
    // Sendable without the compiler's check: the memory is written in `init` only and read-only from then on.
    private let memory: SecureMemory
    /// Length in bytes.
    public var count: Int { memory.count }

    /// A secret whose bytes `fill` writes in place; they are zero before.
    ///
    /// - Parameter count: length in bytes; a negative one counts as 0.
    public init<Failure: Error>(
        count: Int, filling fill: (inout MutableRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        memory = SecureMemory(count: max(count, 0))
        try memory.withMutableBytes(fill)
    }

    public init(copying bytes: RawSpan) {
        memory = SecureMemory(count: bytes.byteCount)
        memory.copy(bytes)
    }

    /// A copy of what the buffer holds now.
    public convenience init(_ buffer: WipedBuffer) {
        let memory = SecureMemory(count: buffer.count)
        buffer.withBytes { bytes in memory.copy(bytes) }
        self.init(owning: memory)
    }

    private init(owning memory: SecureMemory) { self.memory = memory }

    /// `count` bytes from `source`.
    public static func random(count: Int, from source: some RandomSource) throws(CryptoError) -> Secret {
        try Secret(count: count) { (bytes: inout MutableRawSpan) throws(CryptoError) in try source.fill(&bytes) }
    }

    /// Calls `body` with the bytes; they cannot leave the closure.
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try memory.withBytes(body)
    }
}

extension Secret: Equatable {
    /// Takes the same time whether and wherever the bytes differ; only the lengths show.
    public static func == (left: Secret, right: Secret) -> Bool { left.memory.hasSameBytes(as: right.memory) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Secret(\(count) bytes, redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
