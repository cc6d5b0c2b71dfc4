import ByteBuffers
import SheetJobs

/// Has `keyprov-sheets` draw a job: as many of them at once as there are processors and parts.
enum SheetDrawing {
    /// What comes out, errors too, is what one program would give that draws entry after entry.
    ///
    /// - Parameters:
    ///   - next: gives the entries one after another; nil at the end. It is asked no more after it threw, and what it
    ///     threw comes when everything before it was drawn.
    ///   - put: takes bytes of a document.
    ///   - endDocument: a document is complete; the bytes that follow are of the next one.
    static func draw(
        _ job: SheetJob, next: @escaping () throws -> SheetEntry?, put: @escaping (WipedBuffer) throws -> Void,
        endDocument: @escaping () throws -> Void
    ) throws {
        let source = SheetPartSource(job, try SheetParts(job), next: next)
        let binding = SheetBinding(job.output, put: put, endDocument: endDocument)
        let count = min(max(World.current.processors(), 1), mostWorkers, source.expectedCount)
        var workers = try (0..<count).map { _ in try SheetWorker(job) }
        while true {
            try World.current.checkInterruption()
            for worker in workers where worker.isIdle && source.index < binding.turn + 2 * count {
                if worker.partCount < mostParts || source.hasEnded {
                    worker.assign(source.next())
                } else {
                    worker.assign(nil)
                    workers.append(try SheetWorker(job))
                }
            }
            workers.removeAll { $0.hasEnded }
            if source.hasEnded, binding.turn == source.index, workers.isEmpty { break }
            try SheetWorker.exchange(with: workers, binding)
        }
        if let failure = source.failure { throw failure }
        try binding.end()
    }

    /// Each takes 30 MB.
    private static let mostWorkers = 16
    /// Parts after which another program takes the place of one: what the drawing libraries keep, half a kilobyte a
    /// page, goes with it. To start one takes as much as to draw forty pages.
    private static let mostParts = 64
}
