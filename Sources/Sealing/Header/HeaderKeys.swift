internal import ByteBuffers
internal import SecretFormats

extension Header {
    /// A header for `fileKey`, complete with its MAC, as text.
    static func write(
        _ fileKey: FileKey, for key: SealingKey, random: some RandomSource, into output: WipedBuffer
    ) throws(SealError) {
        let text = WipedBuffer()
        text.append(versionLine)
        switch key {
        case .recipients(let recipients):
            guard !recipients.isEmpty else { throw .noKeys }
            for recipient in recipients {
                try X25519Stanza.wrap(fileKey, for: recipient, random: random).write(into: text)
            }
        case .passphrase(let passphrase, let workFactor):
            try PassphraseStanza.wrap(fileKey, passphrase: passphrase, workFactor: workFactor, random: random)
                .write(into: text)
        }
        text.append(macMark)
        let mac = try text.withBytes { (text: RawSpan) throws(SealError) in try fileKey.mac(of: text) }
        text.append(" ")
        text.append(contentsOf: Array(UnpaddedBase64.text(mac).utf8))
        text.append("\n")
        output.append(contentsOf: text)
    }

    /// The file key, after the header's MAC was found right with it.
    ///
    /// The form of every stanza of a known type is checked before any key is tried.
    func open(with key: OpeningKey) throws(SealError) -> FileKey {
        var shares: [(stanza: Stanza, share: [UInt8])] = []
        var passphrase: (parameters: PassphraseStanza.Parameters, body: [UInt8])?
        for stanza in stanzas {
            switch stanza.type {
            case X25519Stanza.type:
                guard let share = X25519Stanza.share(of: stanza) else { throw fault(.x25519, of: stanza) }
                shares.append((stanza, share))
            case PassphraseStanza.type:
                guard stanzas.count == 1 else { throw fault(.passphraseNotAlone, of: stanza) }
                guard let parameters = try PassphraseStanza.parameters(of: stanza) else {
                    throw fault(.scrypt, of: stanza)
                }
                passphrase = (parameters, stanza.body)
            default: break
            }
        }
        let fileKey: FileKey?
        switch (key, passphrase) {
        case (.identities, _?): throw .needsPassphrase
        case (.passphrase, nil): throw .needsIdentity
        case (.passphrase(let secret), let (parameters, body)?):
            fileKey = try PassphraseStanza.unwrap(parameters, body: body, passphrase: secret)
            guard fileKey != nil else { throw .wrongPassphrase }
        case (.identities(let identities), nil):
            fileKey = try first(of: shares, for: identities)
        }
        guard let fileKey else { throw .noMatchingIdentity }
        let expected = try authenticated.withBytes { (text: RawSpan) throws(SealError) in try fileKey.mac(of: text) }
        guard ConstantTime.areEqual(expected, mac) else { throw .headerChanged }
        return fileKey
    }

    private func first(
        of shares: [(stanza: Stanza, share: [UInt8])], for identities: [AgeIdentity]
    ) throws(SealError) -> FileKey? {
        for (stanza, share) in shares {
            for identity in identities {
                let fileKey = try X25519Stanza.unwrap(
                    share, body: stanza.body, with: identity, weak: fault(.weakShare, of: stanza))
                if let fileKey { return fileKey }
            }
        }
        return nil
    }

    /// On the line that the stanza begins with.
    private func fault(_ fault: HeaderFault, of stanza: Stanza) -> SealError {
        var line = 2
        for other in stanzas {
            if other == stanza { break }
            line += 2 + other.body.count / (Stanza.bodyColumns * 3 / 4)
        }
        return .malformedHeader(fault, line: line)
    }
}
