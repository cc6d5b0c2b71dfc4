internal import ByteBuffers
internal import CCairo

/// Takes what cairo writes, and holds it until it is handed on.
final class ByteStream {
    private var held = WipedBuffer()

    /// What came since the last time.
    func take() -> WipedBuffer {
        let taken = held
        held = WipedBuffer()
        return taken
    }

    /// For cairo, with `closure` as its second argument. The stream must outlive the surface.
    static let write: cairo_write_func_t = { closure, bytes, count in
        guard let closure = unsafe closure, let bytes = unsafe bytes else { return CAIRO_STATUS_WRITE_ERROR }
        let stream = unsafe Unmanaged<ByteStream>.fromOpaque(closure).takeUnretainedValue()
        unsafe stream.held.append(
            contentsOf: RawSpan(_unsafeElements: UnsafeBufferPointer(start: bytes, count: Int(count))))
        return CAIRO_STATUS_SUCCESS
    }

    var closure: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }
}
