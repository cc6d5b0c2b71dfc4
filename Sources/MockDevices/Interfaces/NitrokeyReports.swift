/// The feature reports around the firmware of a Nitrokey Pro: 64 bytes each way, drawn at `NitrokeyReport` in KeyProvision;
/// this is written from nitrokey-pro-firmware, `src/inc/report_protocol.h` and `CCIDHID_usb_prop.c`.
struct NitrokeyReports: Hashable, Sendable {
    static let length = 64

    private var response = [UInt8](repeating: 0, count: length)
    private var busyUntil: Duration = .zero
    /// What the request before was answered.
    private var earlierResponse: [UInt8] = []
    private var showsEarlierUntil: Duration = .zero
    /// What shows meanwhile, if it is not only the first byte.
    private var working: [UInt8]?

    /// What a report asks for.
    struct Request: Hashable {
        let command: UInt8
        let payload: [UInt8]
        let crc: UInt32
        let isIntact: Bool
    }

    /// - Returns: nil where the report is dropped: while a request is worked on, and where it is not a whole report.
    mutating func take(_ report: [UInt8], at now: Duration) -> Request? {
        guard report.count == Self.length, now >= busyUntil || now < showsEarlierUntil, let command = report.first
        else { return nil }
        let stored = report.suffix(Self.crcLength).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let crc = Self.checksum(report.prefix(Self.checkedLength))
        return Request(
            command: command, payload: Array(report[1..<Self.checkedLength]), crc: crc, isIntact: crc == stored)
    }

    /// - Parameters:
    ///   - duration: how long the key works on it.
    ///   - delay: for how long the key says that it is ready and shows what it answered before; it takes requests meanwhile.
    mutating func answer(
        _ request: Request, status: UInt8, output: [UInt8], takes duration: Duration, after delay: Duration = .zero,
        at now: Duration
    ) {
        (earlierResponse, showsEarlierUntil) = (response, now + delay)
        var report = [0, request.command] + littleEndianBytes(request.crc) + [status] + output
        report += [UInt8](repeating: 0, count: max(0, Self.checkedLength - report.count))
        response = Self.checked(report)
        working = nil
        // A Storage takes its own commands at once and says that it is ready, while it works on them.
        if Self.storageCommands ~= request.command, report[Self.storageCommand] == request.command {
            report[Self.storageStatus] = Self.storageBusy
            working = Self.checked(report)
        }
        busyUntil = now + delay + duration
    }

    func report(at now: Duration) -> [UInt8] {
        if now < showsEarlierUntil { return earlierResponse }
        return now < busyUntil ? working ?? [Self.busy] + response.dropFirst() : response
    }

    private static func checked(_ report: [UInt8]) -> [UInt8] {
        report.prefix(checkedLength) + littleEndianBytes(checksum(report.prefix(checkedLength)))
    }

    /// The checksum unit of an STM32: CRC-32/MPEG-2 over bytes that are reversed in groups of four.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let bytes = Array(bytes)
        var crc: UInt32 = .max
        for start in stride(from: 0, to: bytes.count - 3, by: 4) {
            for byte in bytes[start..<start + 4].reversed() {
                crc = crc << 8 ^ remainders[Int(UInt8(truncatingIfNeeded: crc >> 24) ^ byte)]
            }
        }
        return crc
    }

    /// What eight shifts make of each value of the top byte.
    private static let remainders: [UInt32] = (0...UInt8.max).map { byte in
        var crc = UInt32(byte) << 24
        for _ in 0..<8 { crc = crc & 0x8000_0000 != 0 ? crc << 1 ^ 0x04C1_1DB7 : crc << 1 }
        return crc
    }

    private static let checkedLength = 60
    private static let crcLength = 4
    private static let busy: UInt8 = 1
    private static let storageCommands: Range<UInt8> = 0x20..<0x60
    private static let storageCommand = 21
    private static let storageStatus = 22
    private static let storageBusy: UInt8 = 2
}
