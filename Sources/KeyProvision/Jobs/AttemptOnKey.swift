internal import SecretFormats

extension ProvisioningSession {
    /// Whether a credential on the device is what an attempt wrote: as `mayHold` says, and with a name. Without one somebody
    /// else may have been given the place since.
    func holds(_ stored: StoredCredential, of attempt: Attempt) -> Bool {
        !stored.label.isEmpty && mayHold(stored, of: attempt)
    }

    /// Whether a credential on the device is what an attempt wrote, as far as the device tells: in the same place, of the same
    /// kind, and of the same name where it keeps one.
    ///
    /// Neither is enough alone: two credentials of one issuer and account differ by their periods, two of one slot number by
    /// their kinds, and after the attempt a slot may have been given to somebody else.
    public func mayHold(_ stored: StoredCredential, of attempt: Attempt) -> Bool {
        wouldOverwrite(stored, with: attempt.terms, WriteOptions(slot: attempt.slot))
            && stored.kind.canBe(attempt.terms.kind)
            && nameInSlot(of: attempt.terms.label).map { $0 == stored.label } ?? true
    }
}

extension StoredCredential.Kind {
    /// Devices that keep no period list any.
    fileprivate func canBe(_ kind: Credential.Kind) -> Bool {
        switch (self, kind) {
        case (.totp, .totp), (.hotp, .hotp), (.unknown, _): true
        case (.totp, .hotp), (.hotp, .totp), (.reverseHOTP, _): false
        }
    }
}
