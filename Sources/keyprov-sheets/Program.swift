import ByteBuffers
import EnrollmentSheets
import Glibc
import SheetJobs

/// Draws one job: it comes on the standard input, the documents go to the standard output, both as `SheetFrame`s.
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
        var renderer: SheetRenderer?
        let input = FrameInput(STDIN_FILENO)
        while true {
            let isEnd = try input.next { (tag, payload) throws(SheetWireError) in
                switch (tag, renderer) {
                case (.job, nil): return .job(try SheetJob(parsing: payload))
                case (.entry, _?): return .entry(try SheetEntry(parsing: payload))
                case (.end, _?) where payload.isEmpty: return .end
                default: throw SheetWireError(in: tag)
                }
            }
            switch isEnd {
            case .job(let job): renderer = try SheetRenderer(job, put: put)
            case .entry(let entry): try renderer?.add(entry)
            case .end:
                try renderer?.end()
                let answer = WipedBuffer()
                SheetFrame.append(.done, length: 0, to: answer)
                return write(answer)
            }
        }
    }

    private static func put(_ output: SheetRenderer.Output) {
        let frames = WipedBuffer()
        switch output {
        case .block(let block):
            guard !block.isEmpty else { return }
            SheetFrame.append(.block, length: block.count, to: frames)
            frames.append(contentsOf: block)
        case .documentEnd: SheetFrame.append(.documentEnd, length: 0, to: frames)
        }
        write(frames)
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
    case entry(SheetEntry)
    case end
}
