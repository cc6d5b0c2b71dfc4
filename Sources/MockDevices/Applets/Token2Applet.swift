import ByteBuffers

/// The application for one-time passwords of a Token2 PIN+ (token2/token2-otp-applet, `src/t2otp/Token2OtpApplet.java`).
///
///     80 33 00 00 12 D1 …   serial number           80 C5 05 00 nn …   entries: 03 time all, 01 time names one
///     80 C5 01 00           the chip's point        80 C5 05 01 08 …   their next page
///     80 C5 02 00           configuration           80 C5 05 02 nn …   write; without data, erase all
///     80 C5 05 04, 05, 06, 09 …   the PIN, see `Token2PINGuard`
///
/// A card has no button: it computes codes of entries with button at once where one is asked for by its names.
struct Token2Applet {
    static let identifier: [UInt8] = [0xF0, 0x00, 0x00, 0x01, 0x4F, 0x74, 0x70, 0x01]

    let serial: [UInt8]
    /// From R3.4 on.
    let hasPIN: Bool
    private var pinGuard = Token2PINGuard()
    /// Position of the entry that the next page begins with.
    private var nextEntry: Int?

    init(serial: [UInt8], hasPIN: Bool) { (self.serial, self.hasPIN) = (serial, hasPIN) }

    mutating func process(
        _ command: CommandAPDU, _ memory: inout Token2Memory, draw: () -> [UInt8]
    ) throws(StatusWord) -> [UInt8] {
        let data = command.data
        switch (command.instruction, command.p1p2) {
        case (Instruction.getInfo, 0):
            guard data.count == Self.infoLength, data.first == Self.serialTag else { throw .wrongData }
            return [Self.serialTag, UInt8(truncatingIfNeeded: serial.count)] + serial
        case (Instruction.otp, Parameter.publicKey):
            guard memory.pin == nil else { throw .functionNotSupported }
            return try Token2Crypto.point(of: memory.privateKey)
        case (Instruction.otp, Parameter.configuration): return Self.configuration
        case (Instruction.otp, Parameter.enumerate): return try enumerate(data, &memory, draw)
        case (Instruction.otp, Parameter.enumerateContinue):
            guard let start = nextEntry else { throw .wrongData }
            return try page(from: start, try Self.time(data), memory, draw)
        case (Instruction.otp, Parameter.write):
            try requireUnlocked(memory)
            guard !data.isEmpty else {
                memory.entries = []
                return []
            }
            try store(memory.pin == nil ? Self.opened(data, memory) : pinGuard.opened(data), &memory)
        case (Instruction.otp, Parameter.pinFlag) where hasPIN:
            return try pinGuard.flag(memory, count: data.count, draw: draw)
        case (Instruction.otp, Parameter.setPIN) where hasPIN: memory.pin = try pinGuard.newPIN(data, memory)
        case (Instruction.otp, Parameter.verifyPIN) where hasPIN: try pinGuard.verify(data, &memory)
        case (Instruction.otp, Parameter.agree) where hasPIN: return try pinGuard.agree(with: data, draw: draw)
        case (Instruction.otp, _): throw .incorrectP1P2
        default: throw .instructionNotSupported
        }
        return []
    }

    private func requireUnlocked(_ memory: Token2Memory) throws(StatusWord) {
        guard pinGuard.isUnlocked(memory) else { throw .securityStatusNotSatisfied }
    }

    // MARK: Reading

    private mutating func enumerate(
        _ data: [UInt8], _ memory: inout Token2Memory, _ draw: () -> [UInt8]
    ) throws(StatusWord) -> [UInt8] {
        try requireUnlocked(memory)
        guard let subcommand = data.first else { throw .wrongLength }
        let rest = Array(data.dropFirst())
        switch subcommand {
        case Subcommand.readAll: return try page(from: 0, try Self.time(rest), memory, draw)
        case Subcommand.readOne:
            var reader = ByteReader(Array(rest.dropFirst(Self.timeLength)))
            let (application, account) = try Self.names(&reader)
            guard let index = memory.index(application: application, account: account) else { throw .wrongData }
            let entry = memory.entries[index]
            if !entry.isTOTP { memory.entries[index].counter &+= 1 }
            return try answer(try Self.record(entry, try Self.time(rest), isAlone: true), memory, draw)
        default: throw .wrongData
        }
    }

    /// As many entries as a page takes, with codes of TOTP without button.
    private mutating func page(
        from start: Int, _ time: UInt64, _ memory: Token2Memory, _ draw: () -> [UInt8]
    ) throws(StatusWord) -> [UInt8] {
        try requireUnlocked(memory)
        nextEntry = nil
        var bytes: [UInt8] = []
        for (index, entry) in memory.entries.enumerated().dropFirst(start) {
            guard bytes.isEmpty || bytes.count + Self.longestRecord <= Self.pageLength else {
                nextEntry = index
                bytes[0] |= Self.morePages
                break
            }
            bytes += try Self.record(entry, time, isAlone: false)
        }
        guard !bytes.isEmpty else { throw .wrongData }
        return try answer(bytes, memory, draw)
    }

    private func answer(
        _ bytes: [UInt8], _ memory: Token2Memory, _ draw: () -> [UInt8]
    ) throws(StatusWord) -> [UInt8] {
        memory.pin == nil ? bytes : try pinGuard.sealed(bytes, draw: draw)
    }

    private static func record(
        _ entry: Token2StoredEntry, _ time: UInt64, isAlone: Bool
    ) throws(StatusWord) -> [UInt8] {
        var bytes: [UInt8] = [entry.isTOTP ? 1 : 0, entry.algorithm == .sha1 ? sha1 : sha256]
        bytes += bigEndianBytes(entry.period) + [entry.digits, entry.button]
        for name in [entry.application, entry.account] { bytes += [UInt8(truncatingIfNeeded: name.count)] + name }
        guard isAlone || entry.isTOTP && entry.button == 0 else { return bytes }
        return bytes + [entry.digits] + (try entry.code(at: time))
    }

    private static func time(_ data: [UInt8]) throws(StatusWord) -> UInt64 {
        guard data.count >= timeLength else { throw .wrongLength }
        return data.prefix(timeLength).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func names(
        _ reader: inout ByteReader
    ) throws(StatusWord) -> (application: [UInt8], account: [UInt8]) {
        let (application, account): ([UInt8], [UInt8])
        do throws(ByteReader.EndOfBytes) {
            application = Array(try reader.bytes(Int(try reader.uint8())))
            account = Array(try reader.bytes(Int(try reader.uint8())))
        } catch {
            throw .wrongData
        }
        guard application.count <= Token2Memory.longestName, 1...Token2Memory.longestName ~= account.count else {
            throw .wrongData
        }
        return (application, account)
    }

    // MARK: Writing

    /// The host's point and, encrypted under SHA-256 of the shared X, an entry.
    private static func opened(_ data: [UInt8], _ memory: Token2Memory) throws(StatusWord) -> [UInt8] {
        let (point, encrypted) = (
            Array(data.prefix(Token2Crypto.pointLength)), data.dropFirst(Token2Crypto.pointLength)
        )
        guard !encrypted.isEmpty, encrypted.count.isMultiple(of: Token2Crypto.blockLength) else { throw .wrongLength }
        let key = try Token2Crypto.sha256(try Token2Crypto.sharedX(memory.privateKey, point))
        return try Token2Crypto.unpadded(
            try Token2Crypto.decrypt(Array(encrypted), key: key, vector: entryVector))
    }

    /// `type hash step2 digits button`, names, length and seed; an empty one takes the entry away.
    private func store(_ bytes: [UInt8], _ memory: inout Token2Memory) throws(StatusWord) {
        var reader = ByteReader(bytes)
        let head: (type: UInt8, hash: UInt8, period: UInt16, digits: UInt8, button: UInt8)
        do throws(ByteReader.EndOfBytes) {
            head = (
                try reader.uint8(), try reader.uint8(), try reader.bigEndian16(), try reader.uint8(),
                try reader.uint8()
            )
        } catch {
            throw .dataInvalid
        }
        let (application, account) = try Self.names(&reader)
        let seed: [UInt8]
        do throws(ByteReader.EndOfBytes) {
            seed = Array(try reader.bytes(Int(try reader.uint8())))
        } catch {
            throw .dataInvalid
        }
        let index = memory.index(application: application, account: account)
        guard !seed.isEmpty else {
            guard let index else { throw .wrongData }
            memory.entries.remove(at: index)
            return
        }
        guard head.type <= 1, [Self.sha1, Self.sha256].contains(head.hash), seed.count <= Token2Memory.longestSeed,
            Token2StoredEntry.digitCounts.contains(head.digits), head.type == 0 || head.period > 0
        else { throw .dataInvalid }
        let entry = Token2StoredEntry(
            isTOTP: head.type == 1, algorithm: head.hash == Self.sha1 ? .sha1 : .sha256, period: head.period,
            digits: head.digits, button: head.button, application: application, account: account, seed: seed)
        if let index {
            memory.entries[index] = entry
        } else {
            guard memory.entries.count < Token2Memory.capacity else { throw .noSpace }
            memory.entries.append(entry)
        }
    }

    private enum Instruction {
        static let getInfo: UInt8 = 0x33
        static let otp: UInt8 = 0xC5
    }

    private enum Parameter {
        static let publicKey: UInt16 = 0x0100
        static let configuration: UInt16 = 0x0200
        static let enumerate: UInt16 = 0x0500
        static let enumerateContinue: UInt16 = 0x0501
        static let write: UInt16 = 0x0502
        static let pinFlag: UInt16 = 0x0504
        static let setPIN: UInt16 = 0x0505
        static let verifyPIN: UInt16 = 0x0506
        static let agree: UInt16 = 0x0509
    }

    private enum Subcommand {
        static let readOne: UInt8 = 0x01
        static let readAll: UInt8 = 0x03
    }

    private static let sha1: UInt8 = 0xC1
    private static let sha256: UInt8 = 0xC2
    private static let morePages: UInt8 = 0x80
    private static let timeLength = 8
    private static let infoLength = 18
    private static let serialTag: UInt8 = 0xD1
    private static let pageLength = 500
    private static let longestRecord = 150
    /// No keyboard; HOTP and NFC; version 1.0.0; TOTP and a reader, and no HOTP at the button.
    private static let configuration: [UInt8] = [0x02, 0x14, 0, 0, 0, 0, 1, 0, 0, 0x31]
    private static let entryVector: [UInt8] = [
        0x9D, 0xD8, 0x91, 0x8E, 0x34, 0xF3, 0xCC, 0xAB, 0x08, 0xCB, 0x75, 0x18, 0xF7, 0x19, 0x38, 0xF1,
    ]
}
