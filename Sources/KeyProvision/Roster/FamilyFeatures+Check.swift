public import SecretFormats

extension FamilyFeatures {
    /// Refuses what no device of the family takes, whatever its firmware, before one is plugged in.
    ///
    /// What a device refuses by itself, `ProvisioningSession.check` still does.
    public func check(_ credential: Credential, _ options: WriteOptions = WriteOptions()) throws(DeviceError) {
        try require(credential, options, firmware: Version(0, 0, 0))
        // What has no numbers has names; those that are not kept joined were looked at above.
        if slots == nil, names == .joined { _ = try OATHCredentialID(credential.label, credential.kind) }
    }

    /// Refuses an entry of a roster that no device of the family takes.
    ///
    /// - Parameters:
    ///   - issuer: of an entry without one.
    ///   - sample: a credential as the batch makes them; its label does not count.
    ///   - options: of the batch; the slot is that of the entry where it has one.
    public func check(
        _ entry: RosterEntry, issuer: String? = nil, like sample: Credential, _ options: WriteOptions = WriteOptions()
    ) throws(RosterObjection) {
        let credential: Credential
        do throws(FormatError) {
            credential = try Credential(
                label: Label(issuer: entry.issuer ?? issuer, account: entry.account), kind: sample.kind,
                algorithm: sample.algorithm, digits: sample.digits, secret: sample.secret)
        } catch {
            throw .label(error)
        }
        var options = options
        options.slot = entry.slot ?? options.slot
        do throws(DeviceError) { try check(credential, options) } catch { throw .device(error) }
    }
}
