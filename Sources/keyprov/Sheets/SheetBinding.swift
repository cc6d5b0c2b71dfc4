import ByteBuffers
import SheetJobs

/// Puts what workers draw into order, part after part, and passes it on.
final class SheetBinding {
    /// Number of the part whose pages go out as they come. Those of later ones wait.
    private(set) var turn = 0
    private var waiting: [Int: [Event]] = [:]
    private let assembly: PDFAssembly?
    private let put: (WipedBuffer) throws -> Void
    private let endDocument: () throws -> Void

    enum Event {
        case frame(SheetTag, WipedBuffer)
        case failure(any Error)
    }

    init(
        _ output: SheetJob.Output, put: @escaping (WipedBuffer) throws -> Void,
        endDocument: @escaping () throws -> Void
    ) {
        assembly = output == .pdf ? PDFAssembly() : nil
        self.put = put
        self.endDocument = endDocument
    }

    /// - Throws: a failure, when all parts before it are complete.
    func add(_ event: Event, of part: Int) throws {
        guard part == turn else {
            waiting[part, default: []].append(event)
            return
        }
        try pass(event)
        while let events = waiting.removeValue(forKey: turn) {
            let part = turn
            for event in events { try pass(event) }
            if turn == part { break }
        }
    }

    /// All parts are complete.
    func end() throws {
        guard let assembly else { return }
        try assembly.end(put)
        try endDocument()
    }

    private func pass(_ event: Event) throws {
        switch event {
        case .failure(let error): throw error
        case .frame(.codes, let stream): assembly?.add(codes: stream)
        case .frame(.block, let block): try put(assembly?.add(block) ?? block)
        case .frame(.documentEnd, _): try endDocument()
        case .frame(.partEnd, _):
            try assembly?.endPart()
            turn += 1
        case .frame: throw CommandFailure.companionFailed(CompanionProgram.sheets.name)
        }
    }
}
