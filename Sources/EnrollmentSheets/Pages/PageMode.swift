internal import SheetJobs

/// Which of an entry's pages is drawn.
enum PageMode {
    /// The only one.
    case whole
    /// The one without the secret.
    case open
    /// The one with the secret, after an open one.
    case secret

    static func modes(_ secrecy: SheetJob.Secrecy) -> [PageMode] {
        switch secrecy {
        case .whole: [.whole]
        case .none: [.open]
        case .split: [.open, .secret]
        }
    }

    func shows(_ part: Template.Element.Part) -> Bool {
        switch part {
        case .all: true
        case .secret: self != .open
        case .rest: self != .secret
        case .open: self == .open
        }
    }
}
