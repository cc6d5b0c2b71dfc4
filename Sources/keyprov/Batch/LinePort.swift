import KeyProvision
import USBTransport

/// One key at one port, from being plugged in to being pulled out.
final class LinePort {
    enum Phase {
        /// It waits for its turn.
        case waiting
        case working
        /// There is nothing more to do with it here.
        case done
    }

    let candidate: Candidate
    var phase = Phase.waiting
    var wasPulled = false
    /// How often it could not be opened.
    var failedLooks = 0
    /// Before that it is not tried again.
    private var notBefore = ContinuousClock.now

    init(_ candidate: Candidate) { self.candidate = candidate }

    var location: USBLocation { candidate.description.location }

    /// How a job on a key ended.
    enum Ending {
        case made
        case refused(ReservationOutcome)
        case failed
        /// It could not be opened, which may pass.
        case notOpened(Diagnosis)
        /// No key can help.
        case halt(any Error)
    }

    /// Between two looks at a key that could not be opened.
    static let patience: Duration = .milliseconds(500)
    /// Such looks where the line does not wait for keys.
    static let mostLooks = 4

    var isReady: Bool { phase == .waiting && notBefore <= .now }

    func waitALittle() {
        phase = .waiting
        notBefore = .now + Self.patience
    }
}
