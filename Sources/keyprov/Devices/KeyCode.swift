import KeyProvision
import SecretFormats

/// A code that a key computed for a credential that was just written to it.
struct KeyCode {
    let text: String
    /// When, in seconds since 1970.
    let time: UInt64
    /// For how many more seconds it is that of the time step; nil for a code that counts uses.
    let secondsLeft: UInt64?

    /// - Returns: nil for a key that tells no such code over USB but types or shows it.
    init?(
        of credential: Credential, _ options: WriteOptions, on session: any ProvisioningSession, _ console: Console
    ) throws(DeviceError) {
        let terms = CredentialTerms(credential)
        let stored = try session.list().first { session.wouldOverwrite($0, with: terms, options) }
        guard let stored else { throw .noSuchCredential }
        let time = World.current.now()
        // A slot does not tell whether it waits for a touch.
        if options.touch, stored.digits != nil { console.say(EnrollmentStep.touch.text) }
        let value: DeviceCode.Value
        switch credential.kind {
        case .totp(let period):
            let read = stored.read(period: period, digits: credential.digits)
            do throws(DeviceError) {
                value = try session.code(for: read, at: time).value
            } catch .notSupported(.codesOnKeyOnly) {
                return nil
            }
            // A touch takes its time; the code is that of the step in which it was asked for.
            let end = (OneTimePassword.timeStep(at: time, period: period) + 1) * UInt64(period)
            let now = World.current.now()
            secondsLeft = end > now ? end - now : 0
        case .hotp:
            // A key that types its codes says so by its list, where nothing of them is known.
            guard options.slot == nil else { return nil }
            value = try session.code(for: stored, at: time).value
            secondsLeft = nil
        }
        guard case .code(let text) = value else { throw .malformedResponse(during: .calculating) }
        self.text = text
        self.time = time
    }

    func members(_ json: JSONWriter) {
        json.key("value")
        json.value(text)
        json.key("time")
        json.value(time)
        json.key("seconds_left")
        if let secondsLeft { json.value(secondsLeft) } else { json.null() }
    }
}
