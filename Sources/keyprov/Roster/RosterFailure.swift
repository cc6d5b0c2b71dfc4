import DirectoryExchange
import KeyProvision

/// Why a roster cannot be worked with.
enum RosterFailure: Error {
    /// How many things are wrong with it, when they were told already; `isCutOff` where there may be more.
    case refused(Int, isCutOff: Bool, name: String)
    case problem(RosterError, name: String, isDirectory: Bool)
    /// The file is not the one that was checked.
    case changed(String)
    case directory(DirectoryFailure, url: String)
    /// Nobody gave the password of this one.
    case noPassword(String)
    case noSuchFamily(String, known: [String])
}
