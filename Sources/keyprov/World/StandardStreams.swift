import Glibc

/// The file descriptors 0 to 2 as the program finds them.
enum StandardStreams {
    /// Puts something harmless where a standard stream is closed.
    ///
    /// Otherwise the next file or device that is opened would get its number, and data meant for the standard output
    /// would be written into a key's device node. What is put there refuses reads or writes, so that a closed standard
    /// output is still an error.
    static func fillGaps() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest number that is free, which is this one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
