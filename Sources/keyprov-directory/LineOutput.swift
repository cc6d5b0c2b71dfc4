import ByteBuffers
import DirectoryExchange
import Glibc

/// The standard output, a block at a time.
final class LineOutput {
    private var block = WipedBuffer(capacity: blockLength)

    private static let blockLength = 1 << 16

    func write(_ line: WipedBuffer) {
        block.append(contentsOf: line)
        if block.count >= Self.blockLength { flush() }
    }

    func finish(_ outcome: DirectoryOutcome) {
        block.append(contentsOf: outcome.line.utf8)
        flush()
    }

    /// Where nobody reads any more there is nothing left to do.
    private func flush() {
        block.withBytes { bytes in
            var offset = 0
            while offset < bytes.byteCount {
                let count = unsafe bytes.extracting(droppingFirst: offset).withUnsafeBytes {
                    unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { exit(EX_IOERR) }
                offset += count
            }
        }
        block = WipedBuffer(capacity: Self.blockLength)
    }
}
