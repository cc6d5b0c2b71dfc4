import Glibc
import Synchronization

/// Signals as bytes in a pipe, so that one `poll` waits for them and for all else.
final class SignalPipe {
    let descriptor: OwnedDescriptor
    private let writer: OwnedDescriptor

    static let ending = [SIGINT, SIGTERM]
    static let counting = SIGUSR1

    init() throws(FileError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw FileError(.create, "pipe") }
        (descriptor, writer) = (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
        guard descriptor.stopBlocking(), writer.stopBlocking() else { throw FileError(.create, "pipe") }
        target.store(writer.number, ordering: .releasing)
        // A program that starts this one from a thread without signals passes that on.
        var heeded = sigset_t()
        unsafe sigemptyset(&heeded)
        for number in Self.ending + [Self.counting] {
            _ = signal(number, forward)
            unsafe sigaddset(&heeded, number)
        }
        _ = unsafe sigprocmask(SIG_UNBLOCK, &heeded, nil)
    }

    deinit {
        for number in Self.ending + [Self.counting] { _ = signal(number, SIG_DFL) }
        target.store(-1, ordering: .releasing)
    }

    /// The signals that came since the last call.
    func take() -> [Int32] {
        guard let bytes = try? descriptor.read(limit: Self.limit) else { return [] }
        return bytes.map(Int32.init)
    }

    private static let limit = 64
}

/// Where the handler writes; a handler has nothing else to know it from.
private let target = Atomic<Int32>(-1)

/// Only what may be called in a signal handler: a load and a write.
private let forward: @convention(c) (Int32) -> Void = { number in
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = unsafe write(target.load(ordering: .acquiring), &byte, 1)
    errno = saved
}
