/// What applets of other makers do otherwise than Yubico's, as data: the defaults are Yubico's.
///
/// Sources: canokeys/canokey-core, `applets/oath/oath.c`; trussed-dev/oath-authenticator, `src/authenticator.rs`;
/// polhenarejos/pico-fido, `src/fido/oath.c`.
struct OATHHabits: Hashable, Sendable {
    enum Reset: Hashable, Sendable {
        case newSalt, keepsSalt
        /// Through another applet, which is not built.
        case absent
    }

    /// Tag 7B of SELECT, beside a challenge.
    enum SelectAlgorithm: Hashable, Sendable {
        case asStored, withoutType, none
    }

    /// Of PUT and RENAME for a name in use; nil where PUT replaces.
    var nameInUse: StatusWord?
    /// Of CALCULATE and RENAME for a name that is not there.
    var missing = StatusWord.noSuchObject
    /// Of DELETE; nil where that is no error.
    var deletingMissing: StatusWord? = .noSuchObject
    var locked = StatusWord.securityStatusNotSatisfied
    var wrongCode = StatusWord.wrongData
    /// Of bytes too many or too few in PUT.
    var malformedPut = StatusWord.wrongData
    var reset = Reset.newSalt
    var selectAlgorithm = SelectAlgorithm.asStored
    var staysOpenOverSelect = false
    /// VALIDATE is good for one command, and draws a challenge for the next.
    var opensForOneCommand = false
    var computesWholeHMAC = true
    /// HOTP steps before it computes.
    var countsBeforeComputing = false
    /// Bytes of the counter that HOTP hashes.
    var counterLength = 8
    /// Long answers end with a whole record and 61FF; SEND REMAINING with nothing left is refused.
    var cutsBetweenRecords = false
    /// Fields 77 and 7C of CALCULATE ALL are empty.
    var hidesDigits = false
    /// CALCULATE ALL shows 7C, CALCULATE computes all the same.
    var showsTouchWithoutHeeding = false
    /// The property is looked for as a field with a length, as no host sends it: `78 02` at the end is dropped, and before a
    /// counter it swallows that.
    var readsPropertyWithLength = false
    /// A counter beside a key for TOTP is an error.
    var refusesCounterOfTOTP = false
    var digits: ClosedRange<UInt8> = 0...UInt8.max
    var shortestKey = 0
    var longestKey = Int.max
    /// How long a touch credential waits for its touch.
    var touchWindow: Duration = .seconds(15)

    static let algorithmMask: UInt8 = 0x0F
}
