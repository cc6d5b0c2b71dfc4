/// What a YKOATH applet can do from some version on (yubikit `oath.py`; YKOATH protocol specification).
///
/// On a NEO the version is the applet's own, 1.x, which has none of these.
enum OATHFeature: String, CaseIterable, Sendable {
    case touch = "touch-protected credentials"
    case sha512 = "SHA512"
    case rename = "renaming credentials"
    case moreCredentials = "64 credentials"

    var minimum: Version {
        switch self {
        case .touch: Version(4, 2, 4)
        case .sha512: Version(4, 3, 1)
        // Yubico's clients disagree on 5.3.0; the later version is right with all of them.
        case .rename: Version(5, 3, 1)
        case .moreCredentials: Version(5, 7, 0)
        }
    }
}
