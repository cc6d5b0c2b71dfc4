import KeyProvision

/// What happens on the line, for people and for scripts.
enum LineEvent {
    /// The line is at work.
    case started(EntryCounts)
    /// A key is wanted; for whom the next one is, where that does not depend on the key.
    case waiting(next: RosterEntry?)
    /// A key was taken up.
    case working(AttachedDevice)
    case step(AttachedDevice, RosterEntry, EnrollmentStep)
    /// A credential of this name, which an attempt left that nobody uses, was deleted from the key.
    case cleared(AttachedDevice, name: String)
    /// The key holds a proven secret.
    case made(AttachedDevice, RosterEntry, Verification)
    /// The sheet is there.
    case sheet(RosterEntry, path: String)
    case notPrinted(RosterEntry, Diagnosis)
    /// The key can be pulled out, and nothing of the roster was done with it.
    case refused(AttachedDevice, ReservationOutcome)
    /// It did not work; the entry is open again.
    case failed(AttachedDevice, RosterEntry?, Diagnosis)
    /// Nothing was done yet, and it is tried again while the key is there.
    case retrying(AttachedDevice, Diagnosis)
    case removed(AttachedDevice)
    case ended(EntryCounts)
}

/// Who hears of it.
protocol LineAudience: Sendable {
    func hear(_ event: LineEvent)
}
