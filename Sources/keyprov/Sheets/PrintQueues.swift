import ByteBuffers
import SheetJobs

/// Printers, through `keyprov-print`.
///
/// ```
/// keyprov-print list                 a line for each queue: name TAB 1 for the default TAB where its device is
/// keyprov-print send QUEUE MEDIUM    the document on the standard input; the number of the job, or why there is none
/// ```
enum PrintQueues {
    struct Queue: Hashable {
        let name: String
        let isDefault: Bool
        let device: String

        /// Whether the document goes over a network that anybody may listen to. The schemes are those of CUPS's
        /// backends (cupsd, "Printer URIs"); `ipps` and `https` are encrypted.
        var isInClear: Bool {
            ["ipp:", "http:", "socket:", "lpd:", "smb:", "dnssd:"].contains { device.hasPrefix($0) }
                && !device.contains("://localhost") && !device.contains("://127.0.0.1")
        }
    }

    static func list(to console: Console, asJSON: Bool) throws {
        let queues = try all()
        guard asJSON else {
            return try console.data(queues.map { $0.name + ($0.isDefault ? "  (default)" : "") + "\n" }.joined())
        }
        try console.document { json in
            json.key("queues")
            json.array {
                for queue in queues {
                    json.object {
                        json.key("name")
                        json.value(queue.name)
                        json.key("default")
                        json.value(queue.isDefault)
                        json.key("clear")
                        json.value(queue.isInClear)
                    }
                }
            }
        }
    }

    /// Draws and prints.
    ///
    /// The document is held until all of it is checked: paper cannot be taken back.
    static func print(
        _ job: SheetJob, next: @escaping () throws -> SheetEntry?, on name: String, paper: Medium?, _ console: Console
    ) throws {
        let queues = try all()
        guard let queue = queues.first(where: { $0.name == name || name == defaultName && $0.isDefault }) else {
            throw CommandFailure.noQueue(name, queues: queues.map(\.name))
        }
        if queue.isInClear { console.warn("the pages go to '\(queue.name)' over the network without encryption") }
        console.warn("the print spooler keeps a copy of the pages for a while: see 'PreserveJobFiles' of cupsd")
        let document = WipedBuffer()
        try SheetDrawing.draw(job, next: next, put: { document.append(contentsOf: $0) }, endDocument: {})
        var rest: WipedBuffer? = document
        let answer = WipedBuffer()
        let status = try CompanionProgram.printing.run(
            ["send", queue.name, job.medium],
            feed: {
                defer { rest = nil }
                return rest
            }, take: { answer.append(contentsOf: $0) })
        let text = answer.withBytes { String(decoding: $0) }.split(separator: "\n").first.map(String.init) ?? ""
        guard status == 0 else { throw CommandFailure.notPrinted(queue.name, reason: text) }
        console.note("printing on '\(queue.name)' as job \(text)")
    }

    static let defaultName = "default"

    private static func all() throws -> [Queue] {
        let answer = WipedBuffer()
        let status = try CompanionProgram.printing.run(
            ["list"], feed: { nil }, take: { answer.append(contentsOf: $0) })
        guard status == 0 else { throw CommandFailure.companionFailed(CompanionProgram.printing.name) }
        return answer.withBytes { String(decoding: $0) }.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count == 3, let name = parts.first, let device = parts.last else { return nil }
            return Queue(name: String(name), isDefault: parts.dropFirst().first == "1", device: String(device))
        }
    }
}
