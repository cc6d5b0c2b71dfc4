import ByteBuffers

/// What the OTP application tells in a report that is no part of a response (yubikey-personalization, `ykdef.h`,
/// `status_st`).
///
///     0  1  reserved
///     1  3  firmware version
///     4  1  programming sequence   goes on by one with each accepted write; 0 when no slot is configured
///     5  2  touch level            little-endian; bits 0, 1 slot configured (2.1), bits 2, 3 slot works at a touch (3.0)
///     7  1  flags
struct OTPStatus: Hashable, Sendable {
    let version: Version
    let sequence: UInt8
    let touchLevel: UInt16

    /// - Returns: nil for a report of another length.
    init?(_ report: [UInt8]) {
        var reader = ByteReader(report)
        guard report.count == YubiKeyOTP.reportLength, (try? reader.uint8()) != nil,
            let version = (try? reader.bytes(Self.versionLength)).flatMap(Version.init(bytes:)),
            let sequence = try? reader.uint8(), let touchLevel = try? reader.littleEndian16()
        else { return nil }
        (self.version, self.sequence, self.touchLevel) = (version, sequence, touchLevel)
    }

    /// As the applet answers it: version, programming sequence and touch level.
    ///
    /// - Returns: nil for an answer of another length.
    init?(answer: ArraySlice<UInt8>) {
        guard answer.count == Self.answerLength else { return nil }
        self.init([0] + answer + [0])
    }

    func isConfigured(_ slot: OTPSlot) -> Bool { touchLevel & Self.valid(slot) != 0 }

    /// The slot types, or it computes when touched. The application does not tell which.
    func needsTouch(_ slot: OTPSlot) -> Bool { touchLevel & Self.touch(slot) != 0 }

    var needsTouchAnywhere: Bool { OTPSlot.allCases.contains { isConfigured($0) && needsTouch($0) } }

    /// The bits of the slot alone.
    func bits(_ slot: OTPSlot) -> UInt8 {
        UInt8(truncatingIfNeeded: touchLevel & (Self.valid(slot) | Self.touch(slot)))
    }

    /// Whether the application counted a write between two statuses. A sequence of 0 stands for "nothing configured", so
    /// one that fell to it counts too. What comes after 255 no document tells; any change is taken for it.
    func shows(aWriteAfter earlier: OTPStatus) -> Bool { sequence != earlier.sequence }

    private static func valid(_ slot: OTPSlot) -> UInt16 { slot == .one ? config1Valid : config2Valid }
    private static func touch(_ slot: OTPSlot) -> UInt16 { slot == .one ? config1Touch : config2Touch }

    static let answerLength = 6
    private static let versionLength = 3
    private static let config1Valid: UInt16 = 0x01
    private static let config2Valid: UInt16 = 0x02
    private static let config1Touch: UInt16 = 0x04
    private static let config2Touch: UInt16 = 0x08
}
