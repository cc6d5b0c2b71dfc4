import ByteBuffers
import SheetJobs

/// Has `keyprov-sheets` draw a job.
enum SheetDrawing {
    /// - Parameters:
    ///   - next: gives the entries one after another; nil at the end.
    ///   - put: takes bytes of a document.
    ///   - endDocument: a document is complete; the bytes that follow are of the next one.
    static func draw(
        _ job: SheetJob, next: () throws -> SheetEntry?, put: (WipedBuffer) throws -> Void,
        endDocument: () throws -> Void
    ) throws {
        let answer = Answer()
        var (isFirst, hasEnded) = (true, false)
        let status = try CompanionProgram.sheets.run(
            feed: {
                guard !hasEnded else { return nil }
                let frames = WipedBuffer(capacity: 4096)
                if isFirst { job.append(to: frames) }
                isFirst = false
                if let entry = try next() {
                    entry.append(to: frames)
                } else {
                    hasEnded = true
                    SheetFrame.append(.end, length: 0, to: frames)
                }
                return frames
            },
            take: { block in
                answer.add(block)
                while let (tag, payload) = try answer.next() {
                    switch tag {
                    case .block: try put(payload)
                    case .documentEnd: try endDocument()
                    case .done: answer.isDone = true
                    case .failure: throw try payload.withBytes { try SheetFailure(parsing: $0) }
                    default: throw CommandFailure.companionFailed(CompanionProgram.sheets.name)
                    }
                }
            })
        guard status == 0, answer.isDone else {
            throw CommandFailure.companionFailed(CompanionProgram.sheets.name)
        }
    }

    /// Frames out of blocks.
    private final class Answer {
        private var held = WipedBuffer()
        var isDone = false

        func add(_ block: WipedBuffer) { held.append(contentsOf: block) }

        func next() throws -> (SheetTag, WipedBuffer)? {
            let frame = try held.withBytes { bytes throws(SheetWireError) in try SheetFrame.header(bytes) }
            guard let (tag, length) = frame, held.count >= length else { return nil }
            let payload = WipedBuffer(capacity: length)
            let rest = WipedBuffer(capacity: held.count - length)
            held.withBytes { bytes in
                payload.append(contentsOf: bytes.extracting(SheetFrame.headerLength..<length))
                rest.append(contentsOf: bytes.extracting(length..<bytes.byteCount))
            }
            held = rest
            return (tag, payload)
        }
    }
}
