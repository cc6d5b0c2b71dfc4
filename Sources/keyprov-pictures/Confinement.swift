import Glibc
import PictureExchange

/// What the process takes from itself before it looks at a picture, so that a decoder that is led astray can do little.
enum Confinement {
    /// The decoders are files that are loaded; nothing else is opened.
    private static let openFiles: rlim_t = 64

    /// Memory, time, no files written, no other process, no memory image; the clock ends the process even if it sleeps.
    ///
    /// - Returns: whether all of it is in force.
    static func enter() -> Bool {
        let seconds = rlim_t(PictureLimits.processorSeconds)
        let limits: [(resource: __rlimit_resource, most: rlim_t)] = [
            (RLIMIT_AS, rlim_t(PictureLimits.memory)), (RLIMIT_CPU, seconds), (RLIMIT_FSIZE, 0), (RLIMIT_CORE, 0),
            (RLIMIT_NOFILE, openFiles), (__RLIMIT_NPROC, 0),
        ]
        for (resource, most) in limits {
            var limit = rlimit(rlim_cur: most, rlim_max: most)
            guard unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return false }
        }
        // A library that would write a cache gets an error instead of an end.
        _ = signal(SIGXFSZ, SIG_IGN)
        // Whatever the parent did with it.
        _ = signal(SIGALRM, SIG_DFL)
        alarm(UInt32(PictureLimits.clockSeconds))
        return true
    }
}
