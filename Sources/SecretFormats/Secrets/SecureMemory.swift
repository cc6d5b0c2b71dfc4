internal import COpenSSL
internal import Glibc

/// The storage of one `Secret`: from OpenSSL's secure heap while that lasts, from the plain heap after.
///
/// The secure heap is locked into memory and left out of core dumps, but holds some twenty-five thousand secrets only.
/// A batch of a million goes on in plain memory rather than fail; it is overwritten on release in both places.
@safe final class SecureMemory {
    let count: Int
    private let base: UnsafeMutableRawPointer

    /// Memory for `count` bytes, zero or more, all zero.
    init(count: Int) {
        self.count = count
        // An address for empty memory as well: C functions take a null pointer for "no argument".
        let size = max(count, 1)
        if SecureHeap.isReady, SecureHeap.hasRoom(for: size),
            let secure = unsafe CRYPTO_secure_zalloc(size, #fileID, #line)
        {
            unsafe base = secure
        } else {
            unsafe base = .allocate(byteCount: size, alignment: 16)
            unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        }
    }

    deinit {
        let size = max(count, 1)
        if unsafe CRYPTO_secure_allocated(base) == 1 {
            unsafe CRYPTO_secure_clear_free(base, size, #fileID, #line)
        } else {
            unsafe OPENSSL_cleanse(base, size)
            unsafe base.deallocate()
        }
    }

    /// Takes over `bytes`, of which there must be `count`.
    func copy(_ bytes: RawSpan) {
        precondition(bytes.byteCount == count)
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: base, count: count).copyMemory(from: source)
        }
    }

    func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe RawSpan(_unsafeStart: base, byteCount: count))
    }

    func withMutableBytes<Failure: Error>(
        _ body: (inout MutableRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        var bytes = unsafe MutableRawSpan(_unsafeStart: base, byteCount: count)
        try body(&bytes)
    }

    func hasSameBytes(as other: SecureMemory) -> Bool {
        guard count == other.count else { return false }
        return unsafe CRYPTO_memcmp(base, other.base, count) == 0
    }
}

private enum SecureHeap {
    /// 1 MiB, well below the usual limit on locked memory of 8 MiB.
    private static let size = 1 << 20
    /// Granularity of the heap; one 20-byte or 32-byte secret takes one such block.
    private static let smallestBlock = 32
    /// Longer texts (a picture, a file) would drive the keys out of the locked memory.
    private static let largestBlock = 4096
    /// Not for secrets: OpenSSL keeps the state of each thread's generator here and gives no random byte without it.
    private static let reserve = size / 4

    /// Set up once. OpenSSL answers 2 when the memory could not be locked, which serves as well as the plain heap.
    static let isReady = CRYPTO_secure_malloc_initialized() == 1 || CRYPTO_secure_malloc_init(size, smallestBlock) != 0

    static func hasRoom(for count: Int) -> Bool {
        count <= largestBlock && CRYPTO_secure_used() + count <= size - reserve
    }
}
