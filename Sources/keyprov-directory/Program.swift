import ByteBuffers
import DirectoryExchange
import Glibc

/// Searches a directory over LDAP and writes its people as lines of a roster, so that libldap is loaded where a directory is
/// searched and nowhere else.
///
/// The arguments are those of `DirectoryRequest`, a password comes on the standard input, and the last line of the output is a
/// `DirectoryOutcome`.
@main enum Program {
    static func main() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = signal(SIGPIPE, SIG_IGN)
        // Neither ldap.conf nor a variable may say which certificates are good (ldap.conf(5)).
        _ = unsafe setenv("LDAPNOINIT", "1", 1)
        guard let request = DirectoryRequest(arguments: CommandLine.arguments.dropFirst()),
            let password = readPassword()
        else { exit(EX_USAGE) }
        let output = LineOutput()
        do throws(DirectoryFailure) {
            let directory = try Directory(request)
            try directory.bind(request, password: password)
            var search = DirectorySearch(directory, request)
            let (entries, references) = try search.run(writing: output)
            output.finish(.done(entries: entries, references: references))
        } catch {
            output.finish(.failed(error))
            exit(EXIT_FAILURE)
        }
    }

    /// nil where it is longer than any password.
    private static func readPassword() -> WipedBuffer? {
        let password = WipedBuffer(capacity: DirectoryRequest.longestPassword)
        while true {
            let before = password.count
            password.append(upTo: DirectoryRequest.longestPassword) { target in
                while true {
                    let count = unsafe target.withUnsafeMutableBytes {
                        unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
                    }
                    if count < 0, errno == EINTR { continue }
                    return max(count, 0)
                }
            }
            if password.count == before { return password }
            guard password.count <= DirectoryRequest.longestPassword else { return nil }
        }
    }
}
