import ByteBuffers
import CCUPS
import Glibc

/// Lists the printers, or sends a document to one of them, so that libcups is loaded where something is printed and
/// nowhere else.
///
/// ```
/// keyprov-print list                 a line for each queue: name TAB 1 for the default TAB where its device is
/// keyprov-print send QUEUE MEDIUM    the document on the standard input; the number of the job, or why there is none
/// ```
@main enum Program {
    static func main() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("list"?, 1): list()
        case ("send"?, 3): exit(send(Array(arguments.dropFirst())) ? EXIT_SUCCESS : EXIT_FAILURE)
        default: exit(EX_USAGE)
        }
    }

    private static func list() {
        var destinations: UnsafeMutablePointer<cups_dest_t>?
        let count = unsafe cupsGetDests(&destinations)
        defer { unsafe cupsFreeDests(count, destinations) }
        for index in 0..<Int(count) {
            guard let destination = unsafe destinations?[index], let name = unsafe destination.name else { continue }
            let device = unsafe cupsGetOption("device-uri", destination.num_options, destination.options)
            let text = unsafe device.map { unsafe String(cString: $0) } ?? ""
            print(unsafe "\(String(cString: name))\t\(destination.is_default)\t\(text)")
        }
    }

    /// The job has a name that tells nothing: queues show theirs to everybody.
    private static let title = "keyprov"

    private static func send(_ arguments: [String]) -> Bool {
        guard let queue = arguments.first, let medium = arguments.last else { return false }
        var (count, options): (Int32, UnsafeMutablePointer<cups_option_t>?) = (0, nil)
        // Labels have sizes of their own, which the driver is set up for.
        if paperNames.contains(medium) { count = unsafe cupsAddOption("media", medium, count, &options) }
        count = unsafe cupsAddOption("print-scaling", "none", count, &options)
        defer { unsafe cupsFreeOptions(count, options) }
        let job = unsafe cupsCreateJob(kp_cups_default_server(), queue, title, count, options)
        guard job > 0 else { return fail() }
        let status = unsafe cupsStartDocument(kp_cups_default_server(), queue, job, title, "application/pdf", 1)
        guard kp_cups_continue(status) != 0, copy(),
            unsafe cupsFinishDocument(kp_cups_default_server(), queue).rawValue
                <= IPP_STATUS_OK_CONFLICTING.rawValue
        else {
            unsafe cupsCancelJob(queue, job)
            return fail()
        }
        print(job)
        return true
    }

    private static let paperNames: Set = ["A4", "Letter"]
    private static let blockLength = 1 << 16

    /// The standard input to the server.
    private static func copy() -> Bool {
        while true {
            let block = WipedBuffer(capacity: blockLength)
            var count = 0
            block.append(upTo: blockLength) { target in
                count = unsafe target.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
                return max(count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 }
            let status = block.withBytes { bytes in
                unsafe bytes.withUnsafeBytes { bytes in
                    unsafe cupsWriteRequestData(
                        kp_cups_default_server(), bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
                }
            }
            guard kp_cups_continue(status) != 0 else { return false }
        }
    }

    private static func fail() -> Bool {
        print(unsafe cupsLastErrorString().map { unsafe String(cString: $0) } ?? "no reason given")
        return false
    }
}
