import Glibc

/// Bytes on their way out that may hold key material.
///
/// Commands, USB messages and printed text that carry a secret are put together here rather than in an array: the
/// storage is overwritten when it grows and when the last reference goes, so no stale copy stays on the heap. What the
/// C libraries and the kernel copy from it is out of reach.
@safe public final class WipedBuffer {
    private var storage: UnsafeMutableRawBufferPointer
    public private(set) var count = 0

    /// - Parameter capacity: bytes to reserve; the buffer grows when more are appended.
    public init(capacity: Int = 256) {
        unsafe storage = .allocate(byteCount: max(capacity, 16), alignment: 16)
    }

    public convenience init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count)
        append(contentsOf: bytes)
    }

    deinit { unsafe Self.release(storage) }

    public var isEmpty: Bool { count == 0 }

    public func append(_ byte: UInt8) {
        unsafe append(1) { target in unsafe target[0] = byte }
    }

    public func append(contentsOf bytes: some Collection<UInt8>) {
        // Arrays, slices and native strings are copied at once; byte by byte takes a call of the collection each.
        let isCopied: Void? = bytes.withContiguousStorageIfAvailable { storage in
            unsafe append(contentsOf: RawSpan(_unsafeElements: storage))
        }
        if isCopied == nil { unsafe append(bytes.count) { target in unsafe target.copyBytes(from: bytes) } }
    }

    public func append(repeating byte: UInt8, count: Int) {
        unsafe append(count) { target in unsafe target.initializeMemory(as: UInt8.self, repeating: byte) }
    }

    /// Has `fill` write behind the bytes that are there.
    ///
    /// - Parameters:
    ///   - capacity: how many bytes `fill` may write; they are zero before.
    ///   - fill: returns how many it wrote.
    public func append<Failure: Error>(
        upTo capacity: Int, filling fill: (inout MutableRawSpan) throws(Failure) -> Int
    ) throws(Failure) {
        let start = count
        append(repeating: 0, count: capacity)
        count = start
        var target = unsafe MutableRawSpan(
            _unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + capacity]))
        count += min(max(try fill(&target), 0), capacity)
    }

    /// `bytes` may be this buffer's own.
    public func append(contentsOf bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { source in
            unsafe append(source.count) { target in unsafe target.copyMemory(from: source) }
        }
    }

    public func append(contentsOf other: WipedBuffer) { other.withBytes { append(contentsOf: $0) } }

    public func append(_ text: StaticString) {
        text.withUTF8Buffer { utf8 in unsafe append(contentsOf: RawSpan(_unsafeElements: utf8)) }
    }

    public func append(bigEndian value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    public func append(bigEndian value: UInt32) {
        append(bigEndian: UInt16(value >> 16))
        append(bigEndian: UInt16(truncatingIfNeeded: value))
    }

    public func append(littleEndian value: UInt16) { append(bigEndian: value.byteSwapped) }

    public func append(littleEndian value: UInt32) { append(bigEndian: value.byteSwapped) }

    /// Calls `body` with the bytes; they cannot leave the closure.
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        return try body(bytes)
    }

    /// Makes room for `added` bytes, which `fill` writes. Outgrown storage is released after that, because what is
    /// written may come from it.
    private func append(_ added: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        let outgrown = unsafe storage
        let needed = count + added
        if needed > outgrown.count {
            unsafe storage = .allocate(byteCount: max(outgrown.count * 2, needed), alignment: 16)
            unsafe storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: outgrown[..<count]))
        }
        unsafe fill(UnsafeMutableRawBufferPointer(rebasing: storage[count..<needed]))
        count = needed
        if unsafe outgrown.baseAddress != storage.baseAddress { unsafe Self.release(outgrown) }
    }

    private static func release(_ storage: UnsafeMutableRawBufferPointer) {
        if let base = storage.baseAddress { unsafe explicit_bzero(base, storage.count) }
        unsafe storage.deallocate()
    }
}
