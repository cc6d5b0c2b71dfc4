import ByteBuffers
import Glibc
import SheetJobs

/// Frames from a pipe, one at a time.
final class FrameInput {
    private let descriptor: Int32
    /// What was read and belongs to frames to come.
    private var held = WipedBuffer()

    private static let blockLength = 1 << 16

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Reads a whole frame and has `parse` make something of it.
    ///
    /// - Throws: `.malformedJob` where the input ends before it, or is not what it should be.
    func next(
        _ parse: (SheetTag, RawSpan) throws(SheetWireError) -> Order
    ) throws(SheetFailure) -> Order {
        do throws(SheetWireError) {
            while true {
                let header = try held.withBytes { bytes throws(SheetWireError) in try SheetFrame.header(bytes) }
                if let (tag, length) = header, held.count >= length {
                    let order = try held.withBytes { bytes throws(SheetWireError) in
                        try parse(tag, bytes.extracting(SheetFrame.headerLength..<length))
                    }
                    let rest = WipedBuffer(capacity: held.count - length)
                    held.withBytes { rest.append(contentsOf: $0.extracting(length..<$0.byteCount)) }
                    held = rest
                    return order
                }
                guard fill() else { throw SheetWireError(in: .end) }
            }
        } catch {
            throw SheetFailure(.malformedJob)
        }
    }

    /// False at the end.
    private func fill() -> Bool {
        let before = held.count
        held.append(upTo: Self.blockLength) { target in
            while true {
                let count = unsafe target.withUnsafeMutableBytes { target in
                    unsafe Glibc.read(descriptor, target.baseAddress, target.count)
                }
                if count < 0, errno == EINTR { continue }
                return max(count, 0)
            }
        }
        return held.count > before
    }
}
