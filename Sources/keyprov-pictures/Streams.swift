import ByteBuffers
import Glibc

/// The two pipes to the program that started this one.
enum Streams {
    private static let blockLength = 1 << 16

    /// Reads the standard input to its end, or to one byte behind `limit`: whoever looks sees that it is too long.
    static func readAll(into buffer: WipedBuffer, limit: Int) -> Bool {
        while buffer.count <= limit {
            let start = buffer.count
            var result = 0
            buffer.append(upTo: blockLength) { target in
                result = unsafe target.withUnsafeMutableBytes { target in
                    unsafe Glibc.read(STDIN_FILENO, target.baseAddress, target.count)
                }
                return result
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { return false }
            if buffer.count == start { return true }
        }
        return true
    }

    static func write(_ answer: WipedBuffer) -> Bool {
        answer.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                var rest = unsafe bytes[...]
                while unsafe !rest.isEmpty {
                    let written = unsafe Glibc.write(
                        STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if written < 0, errno == EINTR { continue }
                    guard written >= 0 else { return false }
                    unsafe rest = rest.dropFirst(written)
                }
                return true
            }
        }
    }
}
