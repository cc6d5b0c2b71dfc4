internal import CPNG
internal import CQREncode
internal import Glibc

/// A QR code or its picture could not be made.
public struct QRError: Error, Hashable, Sendable {
    /// What libqrencode leaves in `errno` (qrencode.h, `QRcode_encodeData`), and two of our own.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: CInt
        public init(rawValue: CInt) { self.rawValue = rawValue }

        /// `EINVAL`: no text.
        public static let noText = Code(rawValue: EINVAL)
        /// `ERANGE`: more text than the largest symbol holds.
        public static let textTooLong = Code(rawValue: ERANGE)
        /// `ENOMEM`.
        public static let outOfMemory = Code(rawValue: ENOMEM)
        /// `EDOM`: a scale outside `QRCode.pixelScaleRange`.
        public static let scaleOutOfRange = Code(rawValue: EDOM)
        /// `EIO`: libpng gave up.
        public static let pictureFailed = Code(rawValue: EIO)
    }

    public let code: Code
    public init(_ code: Code) { self.code = code }
}
