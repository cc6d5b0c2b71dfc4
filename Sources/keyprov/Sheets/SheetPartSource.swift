import ByteBuffers
import SheetJobs

/// The parts of a job, as they are sent.
final class SheetPartSource {
    /// Number of the next part.
    private(set) var index = 0
    private(set) var hasEnded = false
    /// What the entries ended with. It comes after all that was drawn before it.
    private(set) var failure: (any Error)?
    let expectedCount: Int
    private let parts: SheetParts
    private let entries: () throws -> SheetEntry?
    /// Read ahead, so that no part is empty but the only one.
    private var waiting: SheetEntry?

    init(_ job: SheetJob, _ parts: SheetParts, next: @escaping () throws -> SheetEntry?) {
        self.parts = parts
        entries = next
        expectedCount = parts.count(of: job.total)
    }

    /// - Returns: frames, and the number of the part; nil where there is none any more.
    func next() -> (index: Int, frames: WipedBuffer)? {
        guard !hasEnded else { return nil }
        if index > 0 {
            waiting = entry()
            guard waiting != nil else { return nil }
        }
        let (part, length) = parts.part(index)
        let frames = WipedBuffer(capacity: 1 << 16)
        part.append(to: frames)
        var count = 0
        while count < length, let entry = waiting ?? entry() {
            waiting = nil
            entry.append(to: frames)
            count += 1
        }
        SheetFrame.append(.partEnd, length: 0, to: frames)
        index += 1
        return (index - 1, frames)
    }

    private func entry() -> SheetEntry? {
        guard !hasEnded else { return nil }
        do {
            if let entry = try entries() { return entry }
        } catch {
            failure = error
        }
        hasEnded = true
        return nil
    }
}
