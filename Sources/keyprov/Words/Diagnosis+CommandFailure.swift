import KeyProvision
import USBTransport

extension Diagnosis {
    init(_ failure: CommandFailure) {
        switch failure {
        case .usage(let message, let hints): self.init(.usage, message, hints: hints)
        case .interrupted: self = .interrupted
        case .noDevice(let unusable):
            self.init(
                .noDevice, "no known key is attached",
                hints: unusable.map { "\($0.text) has the interface switched off that this takes: \(Self.switchOn)" }
                    + [
                        "plug in a key, or try without hardware: '--virtual yubikey5'",
                        "'keyprov doctor' tells what it sees on the bus",
                    ])
        case .severalDevices(let devices):
            self.init(
                .usage, "\(devices.count) keys are attached: \(devices.map(\.text).joined(separator: "; "))",
                hints: [
                    "choose one with --device SERIAL or --device usb:BUS-PORT",
                    "'keyprov devices' lists them with their serial numbers",
                ])
        case .noSuchDevice(let selector, let attached):
            let seen = attached.isEmpty ? "none" : attached.map(\.text).joined(separator: "; ")
            self.init(.noDevice, "no key '\(selector)' is attached", hints: ["attached: \(seen)"])
        case .unusableDevice(let device, .interfaceDisabled(let interface)):
            self.init(
                .noDevice, "\(device.text) has its \(interface) interface switched off",
                hints: ["switch it on: \(interface == "OTP" ? "'ykman config usb --enable OTP'" : Self.switchOn)"])
        case .device(let error, let device, let holders):
            self.init(error, on: device, holders)
        case .unproven(let error, let device, let name):
            let cause = Diagnosis(error, on: device, [])
            self.init(
                cause.exitCode, "the credential is not proven: " + cause.message,
                hints: cause.hints + [
                    "the secret was not shown and is in no server; the key may hold '\(name)' all the same",
                    "run the command again with --replace",
                ])
        case .unprinted(let error, let name):
            let cause = Diagnosis(error)
            self.init(
                cause.exitCode, cause.message,
                hints: cause.hints + [
                    "the key holds '\(name)', but its secret was not printed in full and cannot be read back",
                    "run the command again with --replace",
                ])
        case .checksFailed(let count):
            self.init(.failed, count == 1 ? "one check failed" : "\(count) checks failed")
        }
    }

    static let switchOn = "'ykman config usb --enable OATH'"
}
