/// In what one maker's YKOATH applet differs from Yubico's, as data: the defaults are Yubico's (developers.yubico.com,
/// "YKOATH protocol specification").
struct OATHDialect: Hashable, Sendable {
    /// PUT takes the place of a credential of the same name. Where not, it is refused with `nameInUse`.
    var overwrites = true
    /// Of PUT and RENAME for a name in use.
    var nameInUse = StatusWord.conditionsNotSatisfied
    /// Of DELETE, CALCULATE and RENAME for a name that is not there.
    var missing = StatusWord.referencedDataInvalid
    /// DELETE says yes to a name that is not there.
    var deletesWhatIsMissing = false
    /// Of a command that needs the access code first.
    var locked = StatusWord.securityStatusNotSatisfied
    /// What CALCULATE gives: the whole HMAC, or only the four bytes of a code.
    var computesWholeHMAC = true
    /// HOTP: the counter steps before the code is computed, and not after it.
    var countsBeforeComputing = false
    /// VALIDATE is good for one command, and every VALIDATE asks for a fresh SELECT.
    var validatesEachCommand = false
    /// Two programs reach the chip at the same time, and what one selects or powers off the other has lost.
    var sharesSelection = false

    static let yubico = OATHDialect()

    /// The lowest counter that the key can be made to compute first.
    var lowestCounter: UInt64 { countsBeforeComputing ? 1 : 0 }
}
