/// Commands under the firmware's names (nitrokey-pro-firmware, `src/inc/report_protocol.h`; libnitrokey,
/// `command_id.h`).
struct NitrokeyCommand: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    static let getStatus = NitrokeyCommand(rawValue: 0x00)
    static let writeToSlot = NitrokeyCommand(rawValue: 0x01)
    static let readSlotName = NitrokeyCommand(rawValue: 0x02)
    static let readSlot = NitrokeyCommand(rawValue: 0x03)
    static let getCode = NitrokeyCommand(rawValue: 0x04)
    static let eraseSlot = NitrokeyCommand(rawValue: 0x06)
    /// Of the admin PIN.
    static let firstAuthenticate = NitrokeyCommand(rawValue: 0x07)
    /// Of one command, in the old protocol, with the temporary password of the admin.
    static let authorize = NitrokeyCommand(rawValue: 0x08)
    static let getPasswordRetryCount = NitrokeyCommand(rawValue: 0x09)
    static let setTime = NitrokeyCommand(rawValue: 0x0B)
    static let userAuthenticate = NitrokeyCommand(rawValue: 0x0E)
    static let getUserPasswordRetryCount = NitrokeyCommand(rawValue: 0x0F)
    static let userAuthorize = NitrokeyCommand(rawValue: 0x10)
    static let changeUserPIN = NitrokeyCommand(rawValue: 0x14)
    static let changeAdminPIN = NitrokeyCommand(rawValue: 0x15)
    static let sendOTPData = NitrokeyCommand(rawValue: 0x17)
    // Nitrokey Storage only.
    static let getDeviceStatus = NitrokeyCommand(rawValue: 0x2E)
    static let sendPassword = NitrokeyCommand(rawValue: 0x32)
    static let sendNewPassword = NitrokeyCommand(rawValue: 0x33)

    /// Whether it only asks, so that it can be sent again where it is not known whether the key had it.
    var changesNothing: Bool { Self.questions.contains(self) }
    private static let questions: Set<NitrokeyCommand> = [
        .getStatus, .getDeviceStatus, .readSlotName, .readSlot, .getPasswordRetryCount, .getUserPasswordRetryCount,
    ]

    /// Whether `NitrokeyStorageStatus` says how far it came (libnitrokey, `CMD_START_VALUE` and `CMD_END_VALUE`).
    var isOfStorage: Bool { Self.ofStorage ~= rawValue }
    private static let ofStorage: Range<UInt8> = 0x20..<0x60
}

/// Byte 0 of a response. Where it is not ready, the rest of the response is of no command or of an earlier one.
struct NitrokeyDeviceStatus: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    static let ready = NitrokeyDeviceStatus(rawValue: 0)
    static let busy = NitrokeyDeviceStatus(rawValue: 1)
    static let error = NitrokeyDeviceStatus(rawValue: 2)
    static let receivedReport = NitrokeyDeviceStatus(rawValue: 3)
}

/// Byte 6 of a response.
struct NitrokeyStatus: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    static let ok = NitrokeyStatus(rawValue: 0)
    static let wrongCRC = NitrokeyStatus(rawValue: 1)
    static let wrongSlot = NitrokeyStatus(rawValue: 2)
    static let slotNotProgrammed = NitrokeyStatus(rawValue: 3)
    static let wrongPassword = NitrokeyStatus(rawValue: 4)
    static let notAuthorized = NitrokeyStatus(rawValue: 5)
    static let timestampWarning = NitrokeyStatus(rawValue: 6)
    static let noName = NitrokeyStatus(rawValue: 7)
    static let notSupported = NitrokeyStatus(rawValue: 8)
    static let unknownCommand = NitrokeyStatus(rawValue: 9)
}

/// How far one of its own commands came on a Nitrokey Storage.
struct NitrokeyStorageStatus: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    static let idle = NitrokeyStorageStatus(rawValue: 0)
    static let ok = NitrokeyStorageStatus(rawValue: 1)
    static let busy = NitrokeyStorageStatus(rawValue: 2)
    static let wrongPassword = NitrokeyStorageStatus(rawValue: 3)
    static let busyWithProgress = NitrokeyStorageStatus(rawValue: 4)

    var isBusy: Bool { self == .busy || self == .busyWithProgress }
}

/// Bits of a slot's configuration byte.
struct NitrokeySlotConfig: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let eightDigits = NitrokeySlotConfig(rawValue: 0x01)
}

/// A place for one credential.
struct NitrokeySlot: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case totp, hotp }

    let kind: Kind
    /// From 1, as Nitrokey's own programs count.
    let number: Int

    /// - Returns: nil for a number that no key of the family has.
    init?(_ kind: Kind, _ number: Int) {
        guard (1...(kind == .totp ? Self.totpCount : Self.hotpCount)).contains(number) else { return nil }
        (self.kind, self.number) = (kind, number)
    }

    /// As reports have it.
    var code: UInt8 { (kind == .totp ? Self.firstTOTP : Self.firstHOTP) + UInt8(truncatingIfNeeded: number - 1) }

    /// As the session lists it.
    var name: String { (series.map { $0 + " " } ?? "") + "slot \(number)" }
    /// TOTP and HOTP are each counted from 1.
    var series: String? { kind == .totp ? nil : "HOTP" }

    static let totpCount = 15
    /// A fourth one is of the codes that the key checks, and computes none.
    static let hotpCount = 3
    private static let firstTOTP: UInt8 = 0x20
    private static let firstHOTP: UInt8 = 0x10

    static let hotp = (1...hotpCount).compactMap { NitrokeySlot(.hotp, $0) }
    static let totp = (1...totpCount).compactMap { NitrokeySlot(.totp, $0) }
}
