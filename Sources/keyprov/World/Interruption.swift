import Glibc
import Synchronization

/// Signals that ask the program to end: SIGINT, SIGTERM and SIGHUP.
///
/// A key must not stay with its interface claimed, a terminal not without echo, and a folder not with a temporary
/// file in it. So the handler does nothing but note the signal, which is all that is safe in one (signal-safety(7)).
/// Whatever may wait looks at the note before it waits and throws; what was begun is undone on the way up as after any
/// other error, and then the process ends by the very signal, so that a shell sees what ended it.
///
/// Each signal is noted once: a second one ends the process at once, for who cannot wait.
enum Interruption {
    /// Number of the signal that came; 0 for none.
    private static let noted = Atomic<Int32>(0)

    static var signal: Int32? {
        let number = noted.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// A signal that the parent had ignored (`nohup`, background jobs) stays ignored. One that it had blocked is let
    /// through: worker threads of its libraries block signals for themselves, and what they start inherits that.
    static func install() {
        _ = signal
        var numbers = sigset_t()
        _ = unsafe sigemptyset(&numbers)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            guard unsafe sigaction(number, nil, &action) == 0, !isIgnored(action) else { continue }
            unsafe action.__sigaction_handler.sa_handler = { number in
                Interruption.noted.store(number, ordering: .relaxed)
            }
            // Without SA_RESTART a blocking read returns, and its caller looks at the note.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            _ = unsafe sigaction(number, &action, nil)
            _ = unsafe sigaddset(&numbers, number)
        }
        _ = unsafe pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    }

    /// Ends the process as the signal would have.
    static func end(by number: Int32) -> Never {
        _ = Glibc.signal(number, SIG_DFL)
        _ = raise(number)
        exit(EXIT_FAILURE)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
