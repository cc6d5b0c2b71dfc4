import ByteBuffers
import Glibc
import SheetJobs

/// Frames from a pipe, one at a time.
final class FrameInput {
    private let descriptor: Int32
    private let frames = SheetFrames()

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
                if let (tag, payload) = try frames.next() {
                    return try payload.withBytes { bytes throws(SheetWireError) in try parse(tag, bytes) }
                }
                guard fill() else { throw SheetWireError(in: .end) }
            }
        } catch {
            throw SheetFailure(.malformedJob)
        }
    }

    /// False at the end.
    private func fill() -> Bool {
        let block = WipedBuffer(capacity: Self.blockLength)
        block.append(upTo: Self.blockLength) { target in
            while true {
                let count = unsafe target.withUnsafeMutableBytes { target in
                    unsafe Glibc.read(descriptor, target.baseAddress, target.count)
                }
                if count < 0, errno == EINTR { continue }
                return max(count, 0)
            }
        }
        frames.add(block)
        return !block.isEmpty
    }
}
