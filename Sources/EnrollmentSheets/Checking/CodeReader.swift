internal import ByteBuffers
internal import CZBar
internal import SecretFormats

/// Finds QR codes in a picture, with zbar.
@safe final class CodeReader {
    private let scanner: OpaquePointer

    /// Every so many rows and columns are looked along.
    private static let density: Int32 = 2
    /// `Y800`: one byte of gray a pixel (fourcc.org).
    private static let gray: UInt = 0x3030_3859

    /// nil where zbar has no memory.
    init?() {
        guard let scanner = unsafe zbar_image_scanner_create() else { return nil }
        unsafe self.scanner = scanner
        // Other kinds of codes would only be seen where there are none; and bytes are wanted as they are, not as text
        // in whatever character set they might be.
        unsafe zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0)
        unsafe zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1)
        unsafe zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1)
        // Four lines still cross the middle of a finder pattern of three dots a module.
        unsafe zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_X_DENSITY, Self.density)
        unsafe zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_Y_DENSITY, Self.density)
    }

    deinit { unsafe zbar_image_scanner_destroy(scanner) }

    /// What the codes in the picture say. zbar's own copies are freed as they are.
    ///
    /// - Parameter pixels: one byte a pixel, row by row.
    func read(_ pixels: RawSpan, width: Int, height: Int) -> [Secret] {
        guard let image = unsafe zbar_image_create() else { return [] }
        defer { unsafe zbar_image_destroy(image) }
        unsafe zbar_image_set_format(image, Self.gray)
        unsafe zbar_image_set_size(image, UInt32(clamping: width), UInt32(clamping: height))
        return unsafe pixels.withUnsafeBytes { pixels in
            unsafe zbar_image_set_data(image, pixels.baseAddress, UInt(pixels.count), nil)
            guard unsafe zbar_scan_image(scanner, image) > 0 else { return [] }
            var found: [Secret] = []
            var symbol = unsafe zbar_image_first_symbol(image)
            while let current = unsafe symbol {
                if let data = unsafe zbar_symbol_get_data(current) {
                    let bytes = unsafe UnsafeRawBufferPointer(
                        start: data, count: Int(zbar_symbol_get_data_length(current)))
                    unsafe found.append(Secret(copying: RawSpan(_unsafeBytes: bytes)))
                }
                unsafe symbol = zbar_symbol_next(current)
            }
            return found
        }
    }
}
