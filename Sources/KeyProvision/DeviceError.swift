public import USBTransport

/// What can go wrong with a key, as far as a caller handles it differently.
public enum DeviceError: Error, Hashable, Sendable {
    /// The device could not be opened.
    case opening(USBError)
    /// The connection failed; after `.writing` the key may or may not hold the credential.
    case connection(ConnectionError, during: DeviceStep)
    /// The key was sent a command that is not repeated, and did not say in time whether it did it.
    case unknownOutcome(during: DeviceStep)
    /// A status word that the protocol gives no meaning at this step.
    case status(StatusWord, during: DeviceStep)
    case malformedResponse(during: DeviceStep)
    /// The applet is not on the key, or is switched off; with what switches it on, where that is known.
    case applicationNotAvailable(DeviceStep, switchedBy: Recognition.Switch? = nil)
    case notSupported(Refusal)
    /// No room for another credential; `capacity` where it is known.
    case full(capacity: Int?)
    case alreadyExists
    /// As `alreadyExists`, where the credential shows only with a PIN that was not given.
    case nameHidden(behind: PIN)
    case noSuchCredential
    /// A swap of two slots that hold nothing.
    case slotsEmpty
    /// The key did not do it and gives no reason: the access code that the slot has, most often.
    case rejected(during: DeviceStep, withAccessCode: Bool)
    /// The key is locked with an access code and none was given.
    case accessCodeRequired
    /// With the tries that are left, where the key counts them.
    case wrongAccessCode(triesLeft: Int?)
    /// None was given, and the one that such keys are sold with is not this key's. That was a try.
    case accessCodeChanged(triesLeft: Int?)
    /// Too many wrong tries.
    case accessCodeBlocked
    /// What was given cannot be an access code of this key, whatever it is set to.
    case malformedAccessCode
    /// A PIN is needed and none was given.
    case pinRequired(PIN)
    /// With the tries that are left, where the key tells.
    case wrongPIN(PIN, triesLeft: Int?)
    /// What was given cannot be a PIN of this key, and was not sent: no try is gone.
    case malformedPIN(PINFlaw)
    /// Too many wrong tries.
    case pinBlocked(PIN)
    /// The key has no PIN yet.
    case pinNotSet(PIN)
    /// The key has that PIN, so that it can only be changed.
    case pinAlreadySet(PIN)
    /// The key did not prove that it knows the access code itself: it is not the one that it claims to be.
    case deviceNotAuthentic
    case touchTimedOut
    /// The key looks at no code of a host so soon after a wrong one.
    case tooSoonAfterWrongCode
    /// The key wants its PIN, which is typed on the key itself.
    case lockedOnKey
    /// No card is in the key, or one that it does not know.
    case cardMissing
    /// The key is in its management mode, by another program or one that was interrupted.
    case managedElsewhere
    /// The person at the key said no on its display, or did not answer in time. Nothing was changed.
    case notApproved(during: DeviceStep)
    /// The key went on being busy, most often with a question on its display.
    case occupied(during: DeviceStep)
    /// The key was never set up and takes nothing before it is.
    case notSetUp
    /// The key says in words of its own that it does not do this.
    case refusedByKey(during: DeviceStep)
    /// The key computed something else than the host.
    case verificationFailed
    /// The cryptographic library failed on the host.
    case hostCryptography
}

extension DeviceError {
    /// The failure of the bus below, if it was that.
    public var usbError: USBError? {
        switch self {
        case .opening(let error), .connection(.usb(let error), _): error
        default: nil
        }
    }
}

/// What was being done when an error came.
public enum DeviceStep: Hashable, Sendable {
    case connecting, identifying, selecting, unlocking, listing, writing, verifying, calculating, renaming, deleting
    case resetting, settingAccessCode, changingPIN, swapping
}

/// Why a text can be no PIN of a key.
public enum PINFlaw: Hashable, Sendable {
    /// Of the PIN that the key has, in bytes of UTF-8.
    case length(PIN, ClosedRange<Int>)
    /// The same of one that it is to be given.
    case newLength(PIN, ClosedRange<Int>)
    /// A new PIN with control characters in it.
    case newCharacters
}

/// Something that the key, or its firmware, cannot do. Found out before the first transfer that would need it.
public enum Refusal: Hashable, Sendable {
    case feature(String, needs: Version?, has: Version)
    /// Bytes of UTF-8, with issuer and period.
    case nameTooLong(Int, limit: Int)
    /// Bytes of an issuer or an account, where each has a place of its own.
    case namePartTooLong(Int, limit: Int)
    /// The same in letters of 16 bits.
    case nameLettersTooMany(Int, limit: Int)
    /// A letter, in issuer or account, that the key keeps no room for.
    case nameNotASCII
    /// A letter that does not fit into 16 bits.
    case nameOutsideBMP
    /// The key files each credential under an issuer.
    case issuerMissing
    /// The host's clock stands where the key's cannot.
    case clockOutOfRange(ClosedRange<Int>)
    /// A name that would read back as another one.
    case ambiguousName
    case secretTooLong(Int, limit: Int)
    case counterTooLarge(limit: UInt64)
    /// The first code of such a key is that of a later counter.
    case counterTooSmall(minimum: UInt64)
    /// The key computes HOTP with another message than RFC 4226 has: no server would take its codes.
    case hotpNotStandard
    /// The key stores the wish for a touch and computes without one.
    case touchNotEnforced
    case slots
    /// There are no slots with codes of their own here.
    case slotCodes
    /// The key's places are not the slots that these commands are about.
    case slotCommands
    /// Credentials have numbers here and not names; which there are.
    case slotMissing(ClosedRange<Int>)
    /// A PIN was given, and the key has none at all.
    case pin(PIN)
    /// The key shows or types its codes to a person and tells none over USB.
    case codesOnKeyOnly
    /// There is no code that the host could give.
    case accessCode
    /// No PIN of the key can be set or changed over USB, or not this one.
    case newPIN(PIN)
    /// The key has another PIN, and not this one.
    case noSuchPIN(PIN)
    /// Single credentials are not kept under a PIN.
    case pinProtection
    /// The key keeps the counter itself and computes only the next code.
    case chosenCounter
    /// The key checks no codes of a host.
    case hostCodes
    /// A credential of a host, of which the key computes no codes.
    case checksCodesOnly
    /// The name is that of a credential of the other direction: one that the key computes with, one of which it checks codes.
    case otherDirection
}
