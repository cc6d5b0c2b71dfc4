/// How much of a picture is looked at. What is beyond is refused before it is decoded.
///
/// A photo of a telephone has 12 to 50 million pixels, three 5K screens side by side 44 million. A picture of the
/// largest size takes 256 MiB decoded and as much again while it is converted.
public enum PictureLimits {
    /// Bytes of the file.
    public static let fileLength = 64 << 20
    /// Pixels of a side.
    public static let side = 16_384
    /// Pixels of the whole picture.
    public static let pixels = 64 << 20
    /// Pages of a PDF.
    public static let pages = 32
    /// Codes of a picture: a sheet of labels has some dozens.
    public static let codes = 256
    /// Bytes of the answer: a code holds 2,953 at most (ISO/IEC 18004 table 7).
    public static let answerLength = 1 << 20
    /// What the reading program may take of the processor, in seconds; the largest picture takes a tenth of it.
    public static let processorSeconds = 20
    /// And of the clock, on a machine that has more to do.
    public static let clockSeconds = 60
    /// Address space of the reading program, in bytes.
    public static let memory: UInt64 = 1 << 30

    /// Whether a picture of that size, in pixels, is decoded.
    public static func allow(width: Int, height: Int) -> Bool {
        (1...side).contains(width) && (1...side).contains(height) && width * height <= pixels
    }
}
