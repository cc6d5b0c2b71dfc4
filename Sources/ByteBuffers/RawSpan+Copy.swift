extension [UInt8] {
    /// A copy of the span that nobody wipes: not for secrets.
    public init(copying span: RawSpan) { self = unsafe span.withUnsafeBytes { unsafe [UInt8]($0) } }
}

extension String {
    /// The span as UTF-8, with replacement characters for what is not: not for secrets.
    public init(decoding span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension RawSpan {
    /// The byte at `offset`; nil outside.
    public func byte(at offset: Int) -> UInt8? {
        guard 0..<byteCount ~= offset else { return nil }
        return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
