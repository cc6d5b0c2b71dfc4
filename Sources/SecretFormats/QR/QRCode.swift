internal import ByteBuffers
internal import CQREncode
internal import Glibc

/// A QR code symbol (ISO/IEC 18004), always in 8-bit mode: URIs have small letters, which the denser alphanumeric mode
/// lacks.
///
/// The modules spell out the text, so they are kept like it, and pictures of them come in wiped buffers. libqrencode
/// and libpng free their own working copies without overwriting them; that is out of reach from here.
public struct QRCode: Sendable {
    /// How much of the symbol may be unreadable: 7, 15, 25 or 30 percent. Paper takes `m`, a sheet that is folded `q`.
    public enum Correction: String, CaseIterable, Sendable {
        case l = "L"
        case m = "M"
        case q = "Q"
        case h = "H"

        var level: QRecLevel {
            switch self {
            case .l: QR_ECLEVEL_L
            case .m: QR_ECLEVEL_M
            case .q: QR_ECLEVEL_Q
            case .h: QR_ECLEVEL_H
            }
        }
    }

    /// Light modules that must surround the symbol on all sides (ISO/IEC 18004, "Quiet zone"). `size` does not count
    /// them.
    public static let quietZone = 4

    /// 1 up to 40: a symbol has 17 + 4 × version modules a side.
    public let version: Int
    /// Modules a side.
    public let size: Int
    /// One byte a module, row by row from the top left: 1 is dark.
    private let modules: Secret

    /// The smallest symbol that holds `text`.
    public init(encoding text: Secret, correction: Correction = .m) throws(QRError) {
        guard let length = CInt(exactly: text.count) else { throw QRError(.textTooLong) }
        let code = unsafe text.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe QRcode_encodeData(
                    length, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), 0, correction.level)
            }
        }
        guard let code = unsafe code else { throw QRError(QRError.Code(rawValue: errno)) }
        defer { unsafe QRcode_free(code) }
        let width = unsafe Int(code.pointee.width)
        guard let data = unsafe code.pointee.data else { throw QRError(.outOfMemory) }
        let moduleBytes = unsafe UnsafeMutableBufferPointer(start: data, count: width * width)
        defer { unsafe explicit_bzero(data, moduleBytes.count) }
        version = unsafe Int(code.pointee.version)
        size = width
        // In place: a lazy map costs as much as all the rest, as it is not specialized across modules.
        for index in moduleBytes.indices { unsafe moduleBytes[index] &= Self.darkMask }
        unsafe modules = Secret(copying: RawSpan(_unsafeElements: UnsafeBufferPointer(moduleBytes)))
    }

    /// Column `x` and row `y`, from 0 at the top left. Whatever lies outside the symbol is light, like the quiet zone.
    public func isDark(x: Int, y: Int) -> Bool {
        guard 0..<size ~= x, 0..<size ~= y else { return false }
        return modules.withBytes { modules in modules[byte: y * size + x] == Self.darkMask }
    }

    /// Calls `body` with the columns of each row in which dark modules follow each other, from the top left.
    public func forEachRun(_ body: (_ row: Int, _ columns: Range<Int>) -> Void) {
        // The storage is opened once: that takes longer than to look at a module.
        modules.withBytes { modules in
            for row in 0..<size {
                var start: Int?
                for column in 0..<size {
                    let isDark = modules[byte: row * size + column] == Self.darkMask
                    if isDark, start == nil { start = column }
                    if !isDark, let first = start {
                        body(row, first..<column)
                        start = nil
                    }
                }
                if let start { body(row, start..<size) }
            }
        }
    }

    /// The rows or columns of the symbol with its quiet zone.
    var paddedRange: Range<Int> { -Self.quietZone..<size + Self.quietZone }

    /// The lowest bit of libqrencode's module is its color, the others say what it is for (qrencode.h, `QRcode`).
    private static let darkMask: UInt8 = 1
}
