import KeyProvision
import SecretFormats

/// What is given to the operator after the keys are proven: the codes for the server, each at the step that asks for it.
struct ImportHandOut {
    let command: Import
    let credential: Credential
    let form: FilledForm
    let preparedQR: PreparedQR?
    /// As a file held them; those that are typed are read when the server shows them.
    let recoveryCodes: RecoveryCodes?
    /// Opened before anything was written.
    let sheet: EnrollmentSheet?

    private var console: Console { command.global.console }
    private var options: WriteOptions {
        WriteOptions(touch: command.storageOptions.touch, slot: command.deviceOptions.slot)
    }

    /// - Parameter opened: the key that is open. With a spare that is the spare one, which is sure to be plugged in.
    func run(_ first: KeyWriting.Written, spare: KeyWriting.Written?, _ opened: DeviceAccess.Opened) throws {
        var steps = ProfileSteps(form.profile, done: done(hasSpare: spare != nil), console)
        let isServer = form.profile.role == .server
        if isServer { steps.tell(through: .confirm) }
        let code = try KeyCode(of: credential, options, on: opened.session, console)
        try put(code, first, spare)
        if isServer, steps.isAhead(.logIn) {
            steps.tell(through: .logIn)
            if !command.confirm, code != nil {
                console.note("hint: 'keyprov code' gives that code; with --confirm it comes by itself")
            }
        }
        if command.confirm, let code { try putNext(after: code, opened) }
        steps.tellRest()
        let codes = command.recoveryOptions.isInput ? try putTypedRecoveryCodes() : recoveryCodes
        try sheet?.put(
            EnrollmentReport(
                credential: credential, form: form, uri: try OTPAuthURI.encode(credential), device: first.device,
                isVirtual: first.isVirtual, slot: first.slot, verification: first.verification,
                isProtected: first.isProtected), recovery: codes)
    }

    private func done(hasSpare: Bool) -> Set<Profile.Step.Job> {
        var done: Set<Profile.Step.Job> = [.takeOver]
        if hasSpare { done.insert(.spare) }
        if command.recoveryOptions.file != nil { done.insert(.recoveryCodes) }
        return done
    }

    private func put(_ code: KeyCode?, _ first: KeyWriting.Written, _ spare: KeyWriting.Written?) throws {
        let uri = try OTPAuthURI.encode(credential)
        let report = ImportReport(
            credential: credential, first: first, spare: spare, code: code, uri: uri,
            showsSecret: command.also.contains(.text), form: command.takesSecret(form) ? form : nil,
            profile: command.formOptions.profile == nil ? nil : form.profile, recoveryCodes: recoveryCodes)
        if command.global.json {
            try console.document(report.members)
        } else {
            try console.data(report.text())
        }
        say(code)
        try preparedQR?.put(form.qrText(of: credential, uri: uri), console)
    }

    private func putNext(after code: KeyCode, _ opened: DeviceAccess.Opened) throws {
        if case .totp(let period) = credential.kind {
            let next = (OneTimePassword.timeStep(at: code.time, period: period) + 1) * UInt64(period)
            while World.current.now() < next {
                try World.current.checkInterruption()
                World.current.wait(next - World.current.now())
            }
        }
        guard let second = try KeyCode(of: credential, options, on: opened.session, console) else { return }
        if command.global.json {
            try console.document { json in
                json.key("code")
                json.object { second.members(json) }
            }
        } else {
            try console.data(second.text + "\n")
        }
        say(second)
    }

    private func putTypedRecoveryCodes() throws -> RecoveryCodes? {
        console.note("paste the recovery codes that the server shows, then press Ctrl-D")
        let codes = try UnfinishedImport.wrap(.recoveryCodes, name: credential.label.text) {
            try command.recoveryOptions.read(form.profile)
        }
        if command.global.json {
            try console.document { $0.members(codes) }
        } else if let codes {
            try console.data(codes.text())
        }
        return codes
    }

    private func say(_ code: KeyCode?) {
        switch code {
        case nil: console.say(Phrases.codeOnKey)
        case let code?:
            if let left = code.secondsLeft {
                console.note("the code is good for \(left) more second\(left == 1 ? "" : "s")")
            }
        }
    }
}
