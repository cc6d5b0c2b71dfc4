import KeyProvision

extension Recognition.Obstacle {
    /// Behind the name of a device.
    var text: String {
        switch self {
        case .interfaceDisabled(let interface): "has its \(interface) interface switched off"
        case .readerMissing: "shows no smart-card reader, by which alone its one-time passwords are written"
        case .notDriven(let reason): reason.text
        }
    }

    /// What to do now, the first thing first.
    var hints: [String] {
        switch self {
        case .interfaceDisabled("OTP"): ["switch it on: 'ykman config usb --enable OTP'"]
        case .interfaceDisabled: ["switch it on: \(Diagnosis.switchOn)"]
        case .readerMissing: ["switch its CCID interface on with the maker's program, where the model has one"]
        case .notDriven(let reason): reason.hints
        }
    }
}

extension UndrivenKey.Reason {
    /// Behind the name of a device.
    var text: String {
        switch self {
        case .closed: "cannot be written to: its maker publishes no protocol for one-time passwords"
        case .filledByServer: "cannot be written to over USB: its secrets come from a server, in a closed protocol"
        case .needsBlockProtocol:
            "cannot be written to yet: its reader wants the blocks of T=1, which this program does not speak"
        case .unknownFirstCounter:
            "cannot be written to yet: nobody says with which counter it begins, and it tells no code that would show it"
        case .listsNothing:
            "cannot be written to yet: it lists nothing over USB, so a write could replace a credential unseen"
        case .withoutOneTimePasswords: "computes no one-time passwords: it is made for FIDO alone"
        }
    }

    var hints: [String] {
        switch self {
        case .closed(let program?): ["the maker's \(program) takes a secret: 'keyprov generate' makes one"]
        case .closed(nil), .needsBlockProtocol, .unknownFirstCounter, .listsNothing:
            ["'keyprov generate' makes a secret and its QR code for the maker's program or for an app"]
        case .filledByServer:
            [
                "an administrator adds the account in the IPI Enterprise Server, which takes the secret",
                "or 'keyprov generate' makes a QR code for IPI Client, or a sheet to type it from",
                "it takes TOTP with SHA1, 6 digits and 30 seconds and nothing else",
            ]
        case .withoutOneTimePasswords: ["use another key for one-time passwords"]
        }
    }
}

extension Diagnosis {
    init(_ device: UnusableDevice, hints: [String] = []) {
        let article = if case .notDriven = device.obstacle { "the " } else { "" }
        self.init(
            .noDevice, article + "\(device.attached.text) \(device.obstacle.text)", hints: device.obstacle.hints + hints
        )
    }
}
