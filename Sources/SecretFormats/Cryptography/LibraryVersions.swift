internal import COpenSSL
internal import CPNG
internal import CQREncode

/// Versions of the C libraries below, as they run and not as they were compiled against: for reports of trouble.
public enum LibraryVersions {
    /// For instance `OpenSSL 3.0.19 27 Jan 2026`.
    public static var openSSL: String { unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)) }
    public static var libqrencode: String { unsafe QRcode_APIVersionString().map { unsafe String(cString: $0) } ?? "" }
    public static var libpng: String { unsafe png_get_libpng_ver(nil).map { unsafe String(cString: $0) } ?? "" }
}
