import ByteBuffers
import SheetJobs

/// A `keyprov-sheets` that draws one part after another.
final class SheetWorker {
    private let program: RunningProgram
    /// What it did not take yet.
    private var unsent: [WipedBuffer]
    /// Bytes of the first of these that it took.
    private var offset = 0
    private let answer = SheetFrames()
    /// The part that it draws.
    private var part: Int?
    private var isDone = false
    /// Nothing more comes from it.
    private(set) var hasEnded = false

    private static let blockLength = 1 << 16

    init(_ job: SheetJob) throws {
        program = try CompanionProgram.sheets.start()
        let frames = WipedBuffer(capacity: 1 << 16)
        job.append(to: frames)
        unsent = [frames]
    }

    /// Whether it waits for something to do.
    var isIdle: Bool { part == nil && !isDismissed && !hasEnded }
    private var isDismissed = false
    /// How many parts it was given.
    private(set) var partCount = 0

    /// - Parameter work: a part; nil where there is none any more.
    func assign(_ work: (index: Int, frames: WipedBuffer)?) {
        if let work {
            part = work.index
            partCount += 1
            unsent.append(work.frames)
        } else {
            isDismissed = true
            let end = WipedBuffer()
            SheetFrame.append(.end, length: 0, to: end)
            unsent.append(end)
        }
    }

    /// Writes and reads what the programs take and give now.
    static func exchange(with workers: [SheetWorker], _ binding: SheetBinding) throws {
        let waiting = workers.filter { !$0.hasEnded }
        let ready = try RunningProgram.wait(for: waiting.map { ($0.program, !$0.unsent.isEmpty) })
        for (worker, ready) in zip(waiting, ready) {
            if ready.input { worker.send() }
            if ready.output { try worker.receive(binding) }
        }
    }

    private func send() {
        guard let buffer = unsent.first else { return }
        offset += program.write(buffer, from: offset)
        // One that has ended takes no more; what it said of that is in its output.
        guard program.takesInput else { return unsent = [] }
        guard offset == buffer.count else { return }
        unsent.removeFirst()
        offset = 0
        if isDismissed, unsent.isEmpty { program.endInput() }
    }

    private func receive(_ binding: SheetBinding) throws {
        let block = WipedBuffer(capacity: Self.blockLength)
        guard program.read(into: block, upTo: Self.blockLength) else { return try end(binding) }
        answer.add(block)
        while !hasEnded, let (tag, payload) = try frame(binding) {
            switch (tag, part) {
            case (.failure, _):
                try fail((try? payload.withBytes { try SheetFailure(parsing: $0) }) ?? Self.failure, binding)
            case (.done, nil): isDone = true
            case (let tag, let part?):
                if tag == .partEnd { self.part = nil }
                try binding.add(.frame(tag, payload), of: part)
            default: try fail(Self.failure, binding)
            }
        }
    }

    private func frame(_ binding: SheetBinding) throws -> (tag: SheetTag, payload: WipedBuffer)? {
        do throws(SheetWireError) {
            return try answer.next()
        } catch {
            try fail(Self.failure, binding)
            return nil
        }
    }

    private static var failure: any Error { CommandFailure.companionFailed(CompanionProgram.sheets.name) }

    /// Its output has ended.
    private func end(_ binding: SheetBinding) throws {
        hasEnded = true
        let status = program.exitCode()
        guard status != 0 || !isDone else { return }
        try fail(Self.failure, binding)
    }

    /// What failed in a part is told in its turn: one before it may have failed as well.
    private func fail(_ failure: any Error, _ binding: SheetBinding) throws {
        hasEnded = true
        guard let part else { throw failure }
        try binding.add(.failure(failure), of: part)
    }
}
