/// How the OATH applet of one firmware differs from those of others, as data.
///
/// Sources: YKOATH protocol document (limits, the versions of features); Yubico/ykneo-oath (all of `neo`), whose
/// applet is what a NEO runs; docs.yubico.com, YubiKey 5 series, OATH (capacities).
struct OATHProfile: Hashable, Sendable {
    /// What bounds the credentials.
    enum Capacity: Hashable, Sendable {
        case credentials(Int)
        /// A buffer that has to hold every name with its code, 9 bytes besides the name. A NEO looks at it before it
        /// looks whether the name is there already.
        case listBuffer(bytes: Int)
    }

    /// Tag 79 of SELECT. A NEO tells the applet's version, not the firmware's.
    var version: [UInt8]
    var capacity: Capacity
    var nameTooLong: StatusWord = .wrongData
    var supportsTouch: Bool
    var supportsSHA512: Bool
    var supportsRename: Bool
    /// SET CODE leaves the session open for the one who set it. On a NEO it is locked at once.
    var staysOpenAfterSetCode = true
    /// Longest data of one answer to a short command; the rest waits for SEND REMAINING.
    var shortBlock = Self.javaCardBlock
    /// Longest data of one answer to an extended command.
    var extendedBlock: Int
    /// What other makers' applets do otherwise.
    var habits = OATHHabits()

    static let longestName = 64
    /// The block size of the recorded NEO exchanges. What other firmwares use is not published; hosts cannot depend
    /// on it.
    static let javaCardBlock = 254
    static let listBufferOverhead = 9

    /// - Parameter longestAnswer: data bytes that fit a CCID message beside the status word.
    init(firmware: VirtualModel.Firmware, credentials: Int, longestAnswer: Int) {
        version = firmware.bytes
        capacity = .credentials(credentials)
        supportsTouch = firmware >= Self.firstWithTouch
        supportsSHA512 = firmware >= Self.firstWithSHA512
        supportsRename = firmware >= Self.firstWithRename
        extendedBlock = longestAnswer
    }

    /// Whether a key of that kind and length can be stored.
    func accepts(_ type: OATHKeyType, keyLength: Int) -> Bool {
        guard let hash = type.hash, type.isHOTP || type.isTOTP else { return false }
        return (hash != .sha512 || supportsSHA512) && keyLength <= min(hash.blockLength, habits.longestKey)
            && keyLength >= habits.shortestKey
    }

    /// Whether there is room for these credentials.
    func holds(_ credentials: [OATHStoredCredential]) -> Bool {
        switch capacity {
        case .credentials(let most): credentials.count <= most
        case .listBuffer(let bytes):
            credentials.reduce(0) { $0 + $1.name.count + Self.listBufferOverhead } <= bytes
        }
    }

    static let neo: OATHProfile = {
        var profile = OATHProfile(firmware: neoApplet, credentials: 0, longestAnswer: javaCardBlock)
        profile.capacity = .listBuffer(bytes: neoListBuffer)
        profile.nameTooLong = .internalError
        profile.staysOpenAfterSetCode = false
        return profile
    }()

    static let firstWithTouch = VirtualModel.Firmware(4, 2, 4)
    static let firstWithSHA512 = VirtualModel.Firmware(4, 3, 1)
    static let firstWithRename = VirtualModel.Firmware(5, 3, 0)
    private static let neoApplet = VirtualModel.Firmware(1, 0, 2)
    private static let neoListBuffer = 2048
}
