import KeyProvision
import USBTransport

extension Diagnosis {
    init(_ error: ConnectionError, _ step: DeviceStep) {
        let what: String
        switch error {
        case .usb(let usb):
            self.init(usb, while: step.text)
            return
        case .noSuitableInterface: what = "the key does not have the interface that this takes"
        case .unsupportedExchangeLevel: what = "the key's CCID interface does not take whole commands"
        case .noCard: what = "the key's reader says that no card is in it"
        case .refused(let code, _): what = "the key's reader refused a message with error \(code.rawValue)"
        case .refusedMessage(let code, _): what = "the key refused a message with CTAPHID error \(code.rawValue)"
        case .malformed: what = "the key's reader sent a malformed message"
        case .tooManyTimeExtensions: what = "the key kept asking for more time"
        case .tooManyStaleMessages: what = "the key's reader sent only answers to earlier commands"
        case .commandTooLong(let count): what = "a command of \(count) bytes is longer than the key can take"
        }
        self.init(.inputOutput, "\(what) while \(step.text)", hints: [Self.replug])
    }

    init(_ error: USBError, while step: String?) {
        let place = step.map { " while \($0)" } ?? ""
        switch error.code {
        case .access: self.init(.noPermission, "no permission to use the USB device")
        case .busy: self.init(.tryAgain, "another process holds the USB device", hints: [Self.unknownHolder])
        case .noDevice, .notFound: self.init(.noDevice, "the key was unplugged\(place)")
        case .timeout: self.init(.inputOutput, "the key did not answer in time\(place)", hints: [Self.replug])
        case .stall: self.init(.inputOutput, "the key refused a USB transfer\(place)", hints: [Self.replug])
        case .interrupted: self = .interrupted
        default: self.init(.inputOutput, "USB failed with code \(error.code.rawValue)\(place)", hints: [Self.replug])
        }
    }

    static let unknownHolder =
        "usually that is pcscd ('\(DeviceHolder.stopPCSCD)') or scdaemon ('\(DeviceHolder.stopSCDaemon)')"
    private static let replug = "plug the key out and in, then run the command again"
}
