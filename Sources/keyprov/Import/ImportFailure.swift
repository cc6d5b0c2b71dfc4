/// Why nothing can be taken in.
enum ImportFailure: Error, Hashable {
    /// A secret stands where every user of the machine can read it.
    case secretOnCommandLine
    case noScreen
    case noScreenProgram(isWayland: Bool)
    case noClipboardProgram
    case emptyClipboard
    /// The program that takes the picture failed, or the person called it off.
    case noScreenshot(program: String)
    /// None of the codes or records is a one-time password's; how many there were.
    case nothingUsable(name: String, count: Int)
    case noInput
    /// A bare secret, and nobody said whose.
    case noName
    /// By name.
    case unknownFormat(name: String)
    case ambiguousFormat(name: String, candidates: [String])
    /// A file of a format whose files are no lines that stand for themselves, among others.
    case notJoinable(name: String)
    /// More than one, and nobody to ask.
    case several([String])
    case noneSelected(String, found: [String])
    case severalSelected(String, [String])
    case noSuchNumber(count: Int)
    /// The label's issuer and the parameter's.
    case contradictoryIssuers(String, String)
    /// An option that belongs to a bare secret; what was found says it itself.
    case saidAlready(option: String)
    /// A profile of what takes the secret, without `--also`.
    case formWithoutSecret(name: String, title: String)
    case countedSpare
    case sameKey
    case virtualSpare
}
