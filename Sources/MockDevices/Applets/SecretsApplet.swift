import ByteBuffers

/// The secrets application of a Nitrokey 3: commands in, data or a status word out. Written from the published behavior of
/// Nitrokey/trussed-secrets-app (`src/authenticator.rs`, `src/command.rs`).
///
/// It holds what power ends; what stays is in `SecretsMemory`.
struct SecretsApplet: Hashable, Sendable {
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01]
    /// How long it waits for a touch.
    static let touchWindow: Duration = .seconds(15)

    let version: [UInt8]
    let serial: [UInt8]
    /// The command before was a VERIFY PIN that was right: this one command may use what the PIN keeps.
    private var hasPINKey = false
    /// The rest of a LIST that did not fit: position of the next credential, and the form asked for.
    private var remaining: (index: Int, hasFlags: Bool)?

    init(version: [UInt8], serial: [UInt8]) { (self.version, self.serial) = (version, serial) }

    static func == (left: SecretsApplet, right: SecretsApplet) -> Bool {
        left.version == right.version && left.serial == right.serial && left.hasPINKey == right.hasPINKey
            && left.remaining?.index == right.remaining?.index
    }

    func hash(into hasher: inout Hasher) { hasher.combine(serial) }

    /// - Parameter isTouched: whether the touch came that the command waited for.
    /// - Returns: data and status word.
    mutating func process(
        _ command: CommandAPDU, isTouched: Bool, memory: inout SecretsMemory, draw: () -> [UInt8]
    ) -> (data: [UInt8], status: StatusWord) {
        let before = memory
        let waits = waitsForTouch(command, memory: memory)
        let mayUsePINKey = hasPINKey
        hasPINKey = false
        let instruction = SecretsInstruction(rawValue: command.instruction)
        if instruction != .sendRemaining { remaining = nil }
        do throws(StatusWord) {
            guard !waits || isTouched else { throw .securityStatusNotSatisfied }
            return try answer(instruction, command, &memory, mayUsePINKey, draw)
        } catch {
            // A refused command changes nothing, except that a wrong PIN costs a try.
            let tries = memory.pinTriesLeft
            memory = before
            if error == .verificationFailed { memory.pinTriesLeft = tries }
            return ([], error)
        }
    }

    /// Whether this command asks for a touch before it answers.
    func waitsForTouch(_ command: CommandAPDU, memory: SecretsMemory) -> Bool {
        switch SecretsInstruction(rawValue: command.instruction) {
        case .delete, .reset, .update: return true
        case .verifyPIN, .changePIN: return memory.pin != nil
        case .setPIN: return memory.pin == nil
        case .put:
            var fields = TLVReader(command.data)
            guard let credential = try? credential(&fields) else { return false }
            return credential.needsTouch && !credential.isEncrypted
        case .calculate, .verifyCode:
            var fields = TLVReader(command.data)
            guard let label = try? fields.value(.name), let index = memory.index(of: label) else { return false }
            let credential = memory.credentials[index]
            return credential.needsTouch && !credential.isEncrypted
        default: return false
        }
    }

    private mutating func answer(
        _ instruction: SecretsInstruction, _ command: CommandAPDU, _ memory: inout SecretsMemory,
        _ mayUsePINKey: Bool, _ draw: () -> [UInt8]
    ) throws(StatusWord) -> (data: [UInt8], status: StatusWord) {
        var fields = TLVReader(command.data)
        switch (instruction, command.p1p2) {
        case (.select, Parameter.byName): return (select(memory), .success)
        case (.put, Parameter.none): try put(&fields, mayUsePINKey, &memory)
        case (.delete, Parameter.none):
            memory.credentials.remove(at: try index(&fields, mayUsePINKey, memory))
        case (.reset, Parameter.reset): memory = SecretsMemory(salt: draw())
        case (.list, Parameter.none):
            return try list(from: 0, hasFlags: command.data.first == Parameter.withFlags, mayUsePINKey, memory)
        case (.sendRemaining, Parameter.none):
            guard let remaining else { throw .conditionsNotSatisfied }
            return try list(from: remaining.index, hasFlags: remaining.hasFlags, mayUsePINKey, memory)
        case (.calculate, Parameter.truncated): return (try calculate(&fields, mayUsePINKey, &memory), .success)
        case (.verifyCode, Parameter.none): return (try verifyCode(&fields, mayUsePINKey, &memory), .success)
        case (.verifyPIN, Parameter.none):
            try verifyPIN(try fields.value(.password), &memory)
            hasPINKey = true
        case (.setPIN, Parameter.none):
            guard memory.pin == nil else { throw .securityStatusNotSatisfied }
            let pin = try fields.value(.password)
            guard pin.count <= SecretsMemory.longestPIN else { throw .verificationFailed }
            memory.pin = pin
            memory.pinTriesLeft = SecretsMemory.pinTries
        case (.changePIN, Parameter.none):
            let (old, new) = (try fields.value(.password), try fields.value(.newPassword))
            guard new.count <= SecretsMemory.longestPIN else { throw .verificationFailed }
            try verifyPIN(old, &memory)
            memory.pin = new
        case (.update, Parameter.none): try update(&fields, mayUsePINKey, &memory)
        default: throw .instructionNotSupported
        }
        return ([], .success)
    }

    private func select(_ memory: SecretsMemory) -> [UInt8] {
        let identity =
            memory.pin == nil ? OATHTag.name.field(memory.salt) : OATHTag.pinCounter.field([memory.pinTriesLeft])
        return OATHTag.version.field(version) + identity + OATHTag.serialNumber.field(serial)
    }

    /// As many entries as a message takes. Those under the PIN are passed over without it.
    private mutating func list(
        from start: Int, hasFlags: Bool, _ mayUsePINKey: Bool, _ memory: SecretsMemory
    ) throws(StatusWord) -> (data: [UInt8], status: StatusWord) {
        var data: [UInt8] = []
        for (index, credential) in memory.credentials.enumerated().dropFirst(start) {
            guard mayUsePINKey || !credential.isEncrypted else { continue }
            let entry = OATHTag.nameList.field(
                [credential.type.rawValue] + credential.label + (hasFlags ? [credential.listFlags] : []))
            guard data.count + entry.count <= Self.longestList else {
                remaining = (index, hasFlags)
                // The key stays for the rest.
                hasPINKey = mayUsePINKey
                return (data, .moreData(Int(UInt8.max)))
            }
            data += entry
        }
        remaining = nil
        return (data, .success)
    }

    /// `CTAPHID_MESSAGE_SIZE_LIMIT`, which holds over CCID as well.
    private static let longestList = 3070

    private enum Parameter {
        static let none: UInt16 = 0x0000
        static let byName: UInt16 = 0x0400
        static let truncated: UInt16 = 0x0001
        static let reset: UInt16 = 0xDEAD
        static let withFlags: UInt8 = 1
    }
}

/// Instructions of the application (trussed-secrets-app, `src/oath.rs`).
struct SecretsInstruction: RawRepresentable, Hashable {
    let rawValue: UInt8

    static let put = SecretsInstruction(rawValue: 0x01)
    static let delete = SecretsInstruction(rawValue: 0x02)
    static let reset = SecretsInstruction(rawValue: 0x04)
    static let list = SecretsInstruction(rawValue: 0xA1)
    static let calculate = SecretsInstruction(rawValue: 0xA2)
    static let select = SecretsInstruction(rawValue: 0xA4)
    static let sendRemaining = SecretsInstruction(rawValue: 0xA5)
    static let verifyCode = SecretsInstruction(rawValue: 0xB1)
    static let verifyPIN = SecretsInstruction(rawValue: 0xB2)
    static let changePIN = SecretsInstruction(rawValue: 0xB3)
    static let setPIN = SecretsInstruction(rawValue: 0xB4)
    static let update = SecretsInstruction(rawValue: 0xB7)
}

/// Tags beside those of YKOATH.
extension OATHTag {
    static let password = OATHTag(rawValue: 0x80)
    static let newPassword = OATHTag(rawValue: 0x81)
    static let pinCounter = OATHTag(rawValue: 0x82)
    static let serialNumber = OATHTag(rawValue: 0x8F)
    /// Login, password and notes of an entry.
    static let passwordFields: [OATHTag] = [0x83, 0x84, 0x85].map(OATHTag.init(rawValue:))
}

extension StatusWord {
    static let verificationFailed = StatusWord(rawValue: 0x6300)
    static let operationBlocked = StatusWord(rawValue: 0x6983)
    static let unspecifiedExecutionError = StatusWord(rawValue: 0x6500)
}
