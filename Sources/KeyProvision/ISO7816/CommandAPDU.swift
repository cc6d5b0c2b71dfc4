public import ByteBuffers

/// A command to a smart card (ISO 7816-4, section 5.1).
///
///     short      CLA INS P1 P2 [Lc data]        Lc one byte, at most 255
///                CLA INS P1 P2 Le               without data; Le 00 asks for up to 256 bytes
///     extended   CLA INS P1 P2 [00 LcHi LcLo data]
///
/// With data no Le is sent, and in the extended form without data neither: so Yubico's own clients do. Some keys answer
/// a command without data and without Le with nothing (CanoKey's LIST), which is why the short form is the default.
public struct CommandAPDU {
    public enum Form: Sendable {
        case short, extended
        /// Short, and without data four bytes only.
        case shortWithoutLe
    }

    public static let maxShortDataLength = 255
    public static let maxExtendedDataLength = 65_535

    public let cla: UInt8
    public let ins: UInt8
    public let p1: UInt8
    public let p2: UInt8
    /// May hold key material, hence wiped.
    public let data: WipedBuffer

    public init(cla: UInt8 = 0, ins: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, data: WipedBuffer = WipedBuffer(capacity: 0))
    {
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        self.data = data
    }

    /// The command's bytes; data beyond what the short form carries takes the extended one.
    ///
    /// - Returns: nil where the data is longer than `maxExtendedDataLength`.
    public func encoded(_ form: Form) -> WipedBuffer? {
        guard let length = UInt16(exactly: data.count) else { return nil }
        let bytes = WipedBuffer(capacity: data.count + 7)
        for byte in [cla, ins, p1, p2] { bytes.append(byte) }
        let isShort = form != .extended && length <= Self.maxShortDataLength
        if isShort, length == 0, form == .shortWithoutLe { return bytes }
        if isShort {
            // With data this is Lc; without, the same byte in the same place is Le.
            bytes.append(UInt8(truncatingIfNeeded: length))
        } else if length > 0 {
            bytes.append(0)
            bytes.append(bigEndian: length)
        }
        bytes.append(contentsOf: data)
        return bytes
    }
}
