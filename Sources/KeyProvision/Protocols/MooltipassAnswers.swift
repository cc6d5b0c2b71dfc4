import ByteBuffers

/// What the key tells of itself in the answer to GET PLATFORM INFO.
///
///     0  2  main firmware, major      6  2  second processor, minor     12  2  memory
///     2  2  main firmware, minor      8  4  serial number               14  2  bundle
///     4  2  second processor, major
///
/// Later firmware says more behind it, earlier one ends before the bundle.
struct MooltipassPlatform: Hashable {
    let serial: UInt32
    /// 0 where the key tells none.
    let bundle: UInt16

    init(_ payload: [UInt8]) throws(ByteReader.EndOfBytes) {
        var reader = ByteReader(payload)
        _ = try reader.bytes(Self.versionsLength)
        serial = try reader.littleEndian32()
        _ = try reader.littleEndian16()
        bundle = reader.isAtEnd ? 0 : try reader.littleEndian16()
    }

    /// The maker numbers releases of the whole firmware by bundles.
    var firmware: Version { Version(UInt8(clamping: bundle), 0, 0) }

    private static let versionsLength = 8
}

/// The answer to GET DEVICE STATUS: bits, battery, what the user has set.
struct MooltipassStatus: Hashable {
    private let bits: UInt8

    init(_ payload: [UInt8]) throws(ByteReader.EndOfBytes) {
        var reader = ByteReader(payload)
        bits = try reader.uint8()
    }

    /// - Throws: what keeps the key from answering, as far as somebody can do something about it.
    func requireReady() throws(DeviceError) {
        guard bits & MooltipassWire.Status.noBundle == 0 else { throw .notSetUp }
        guard bits & MooltipassWire.Status.cardPresent != 0, bits & MooltipassWire.Status.cardUnknown == 0 else {
            throw .cardMissing
        }
        guard bits & MooltipassWire.Status.cardUnlocked != 0 else { throw .lockedOnKey }
        guard bits & MooltipassWire.Status.managementMode == 0 else { throw .managedElsewhere }
    }
}

/// A code: digits of 16 bits each, with a zero behind them or without one.
struct MooltipassCode: Hashable {
    let digits: String

    /// - Returns: nil for what is no code of six to eight digits.
    init?(_ payload: [UInt8]) {
        guard payload.count.isMultiple(of: 2) else { return nil }
        var reader = ByteReader(payload)
        var digits: [UInt8] = []
        while let letter = try? reader.littleEndian16() {
            if letter == 0, reader.isAtEnd { break }
            guard let digit = UInt8(exactly: letter), UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            digits.append(digit)
        }
        guard Self.lengths ~= digits.count else { return nil }
        self.digits = String(decoding: digits, as: UTF8.self)
    }

    private static let lengths = 6...8
}
