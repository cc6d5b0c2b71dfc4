import Glibc

/// Runs the layers below the commands where `keyprov` itself does not take them: on an interface that stays claimed, and
/// on a reader that is not a key's own.
@main
enum BusProbe {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            switch (words.first, words.count) {
            case ("claim", 3): try InterfaceProbe(location: words[1], interface: words[2]).run()
            case ("reader", 2): try ReaderProbe(id: words[1]).run()
            case ("card", 2): try CardServer(model: words[1]).run()
            default: throw ProbeFailure("usage: claim BUS-PORT INTERFACE | reader VID:PID | card MODEL")
            }
        } catch {
            say("\(error)")
            exit(1)
        }
    }

    /// At once: whoever started this waits for it.
    static func say(_ text: String) {
        print(text)
        fflush(nil)
    }
}

struct ProbeFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
