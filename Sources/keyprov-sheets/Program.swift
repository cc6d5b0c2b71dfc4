import ByteBuffers
import EnrollmentSheets
import Glibc
import SheetJobs

/// Draws parts of one job: they come on the standard input, the documents go to the standard output, both as
/// `SheetFrame`s.
///
/// keyprov starts it, so that cairo, pango and what they bring are loaded where pages are drawn and nowhere else, and
/// so that what they keep of a secret in memory is gone with the job.
@main enum Program {
    static func main() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = signal(SIGPIPE, SIG_IGN)
        do throws(SheetFailure) {
            try run()
        } catch {
            let answer = WipedBuffer()
            error.append(to: answer)
            write(answer)
            exit(EXIT_FAILURE)
        }
    }

    private static func run() throws(SheetFailure) {
        var (renderer, isPart): (SheetRenderer?, Bool) = (nil, false)
        let input = FrameInput(STDIN_FILENO)
        while true {
            let order = try input.next { (tag, payload) throws(SheetWireError) in
                switch (tag, renderer, isPart) {
                case (.job, nil, _): return .job(try SheetJob(parsing: payload))
                case (.part, _?, false): return .part(try SheetPart(parsing: payload))
                case (.entry, _?, true): return .entry(try SheetEntry(parsing: payload))
                case (.partEnd, _?, true) where payload.isEmpty: return .partEnd
                case (.end, _?, false) where payload.isEmpty: return .end
                default: throw SheetWireError(in: tag)
                }
            }
            switch order {
            case .job(let job): renderer = try SheetRenderer(job, put: put)
            case .part(let part):
                try renderer?.begin(part)
                isPart = true
            case .entry(let entry): try renderer?.add(entry)
            case .partEnd:
                try renderer?.endPart()
                isPart = false
                send(.partEnd)
            case .end: return send(.done)
            }
        }
    }

    private static func send(_ tag: SheetTag, _ payload: WipedBuffer = WipedBuffer()) {
        let frame = WipedBuffer(capacity: SheetFrame.headerLength + payload.count)
        SheetFrame.append(tag, length: payload.count, to: frame)
        frame.append(contentsOf: payload)
        write(frame)
    }

    private static func put(_ output: SheetRenderer.Output) {
        switch output {
        case .block(let block): send(.block, block)
        case .codes(let stream): send(.codes, stream)
        case .documentEnd: send(.documentEnd)
        }
    }

    /// When nobody takes the pages any more there is nobody to tell either.
    private static func write(_ buffer: WipedBuffer) {
        buffer.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                var rest = unsafe bytes[...]
                while unsafe !rest.isEmpty {
                    let count = unsafe Glibc.write(
                        STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else { exit(EXIT_FAILURE) }
                    unsafe rest = rest.dropFirst(count)
                }
            }
        }
    }
}

/// What keyprov sends.
enum Order {
    case job(SheetJob)
    case part(SheetPart)
    case entry(SheetEntry)
    case partEnd
    case end
}
