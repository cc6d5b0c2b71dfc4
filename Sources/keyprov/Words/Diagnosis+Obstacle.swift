import KeyProvision

extension Recognition.Obstacle {
    /// Behind the name of a device.
    var text: String {
        switch self {
        case .interfaceDisabled(let interface, _): "has its \(interface) interface switched off"
        case .fidoAlone: "shows FIDO alone: its other applications are switched off, or it is made without them"
        case .readerMissing: "shows no smart-card reader, by which alone its one-time passwords are written"
        case .notDriven(let reason): reason.text
        }
    }

    /// What to do now, the first thing first.
    var hints: [String] {
        switch self {
        case .interfaceDisabled(_, by: .modes): ["switch it on: 'ykman config mode OTP+FIDO+CCID'"]
        case .interfaceDisabled("OTP", by: .applications): ["switch it on: 'ykman config usb --enable OTP'"]
        case .interfaceDisabled(_, by: .applications): ["switch it on: \(Diagnosis.switchOn)"]
        case .fidoAlone:
            [
                "switch them on where it has them: 'ykman config usb --enable OATH --enable OTP'",
                "a key that is made for FIDO alone has none: use another one",
            ]
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
        case .board(let key):
            "may be \(key), which are not driven, or anything else with such a board: its id tells no more"
        case .withoutOneTimePasswords(madeFor: .fido): "computes no one-time passwords: it is made for FIDO alone"
        case .withoutOneTimePasswords(madeFor: .passwords):
            "computes no one-time passwords: its firmware derives passwords from a seed"
        case .bootLoader: "is in its boot loader, which computes no one-time passwords"
        case .bootLoaderOfChip(let keys, _):
            "may be that of a \(keys), or of anything else with such a chip: its id tells no more"
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
        case .board(let key): ["if it is \(key): its maker's app writes to it"]
        case .withoutOneTimePasswords: ["use another key for one-time passwords"]
        case .bootLoader(let start):
            [Diagnosis.leaveBootLoader] + (start.map { ["or start its firmware: '\($0)'"] } ?? [])
                + ["where it comes back like this, it waits for a firmware from its maker"]
        case .bootLoaderOfChip(let keys, let start):
            ["if it is a \(keys): " + (start.map { "start its firmware: '\($0)'" } ?? Diagnosis.leaveBootLoader)]
        }
    }
}

extension Diagnosis {
    fileprivate static let leaveBootLoader = "plug it in again to leave the boot loader"

    init(_ device: UnusableDevice, hints: [String] = []) {
        let article = if case .notDriven = device.obstacle { "the " } else { "" }
        self.init(
            .noDevice, article + "\(device.attached.text) \(device.obstacle.text)", hints: device.obstacle.hints + hints
        )
    }
}
