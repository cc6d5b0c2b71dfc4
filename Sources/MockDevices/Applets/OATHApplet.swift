/// The OATH applet: commands of the YKOATH protocol in, data or a status word out. Written from the protocol document
/// (developers.yubico.com, YKOATH_Protocol) and, for the NEO, the published behavior of Yubico/ykneo-oath.
///
/// It holds what a SELECT begins and power ends; what stays is in `OATHMemory`.
struct OATHApplet: Sendable {
    /// The NEO's instance identifier (Yubico/ykneo-oath, build file); hosts select by its first seven bytes.
    static let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01, 0x01]
    let profile: OATHProfile
    var isOpen = false
    var challenge: [UInt8]?
    private var remaining: ArraySlice<UInt8> = []
    /// What answers SEND REMAINING where answers are cut between records.
    private var remainingFields = 0

    init(profile: OATHProfile) { self.profile = profile }

    /// - Parameter draw: eight random bytes.
    /// - Returns: version, salt and, where a code is set, a challenge and the algorithm of its key.
    mutating func select(_ memory: OATHMemory, draw: () -> [UInt8]) -> [UInt8] {
        let wasOpen = isOpen
        self = OATHApplet(profile: profile)
        if profile.habits.staysOpenOverSelect { isOpen = wasOpen }
        let identity = OATHTag.version.field(profile.version) + OATHTag.name.field(memory.salt)
        guard let accessKey = memory.accessKey else { return identity }
        let challenge = draw()
        self.challenge = challenge
        let algorithm: [UInt8] =
            switch profile.habits.selectAlgorithm {
            case .asStored: OATHTag.algorithm.field([accessKey.type])
            case .withoutType: OATHTag.algorithm.field([accessKey.type & OATHHabits.algorithmMask])
            case .none: []
            }
        return identity + OATHTag.challenge.field(challenge) + algorithm
    }

    /// - Returns: data and status word.
    mutating func process(_ command: CommandAPDU, memory: inout OATHMemory, draw: () -> [UInt8]) -> [UInt8] {
        let memoryBefore = memory
        do throws(StatusWord) {
            let instruction = OATHInstruction(rawValue: command.instruction)
            if instruction != .sendRemaining { remaining = [] }
            if memory.accessKey != nil, !isOpen, instruction != .validate, instruction != .reset {
                throw profile.habits.locked
            }
            if profile.habits.opensForOneCommand { isOpen = false }
            return block(of: try data(instruction, command, &memory, draw), command)
        } catch {
            // A refused command has changed nothing, though it may have been half done.
            memory = memoryBefore
            return error.bytes
        }
    }

    /// Whether this command will ask the user for a touch before it answers.
    func waitsForTouch(_ command: CommandAPDU, memory: OATHMemory) -> Bool {
        guard OATHInstruction(rawValue: command.instruction) == .calculate, command.p1p2 <= Parameter.truncated,
            memory.accessKey == nil || isOpen
        else { return false }
        var fields = TLVReader(command.data)
        guard let name = try? fields.value(.name), let index = memory.index(ofName: name),
            (try? fields.value(.challenge)) != nil
        else { return false }
        return needsTouch(memory.credentials[index])
    }

    func needsTouch(_ credential: OATHStoredCredential) -> Bool {
        profile.supportsTouch && credential.properties.contains(.requiresTouch)
    }

    /// Whether CALCULATE ALL says that the credential wants a touch.
    func showsTouch(_ credential: OATHStoredCredential) -> Bool {
        needsTouch(credential)
            || profile.habits.showsTouchWithoutHeeding && credential.properties.contains(.requiresTouch)
    }

    private mutating func data(
        _ instruction: OATHInstruction, _ command: CommandAPDU, _ memory: inout OATHMemory, _ draw: () -> [UInt8]
    ) throws(StatusWord) -> [UInt8] {
        switch instruction {
        case .put:
            try require(command, Parameter.none)
            try put(command.data, in: &memory)
        case .delete:
            try require(command, Parameter.none)
            try delete(command.data, from: &memory)
        case .setCode:
            try require(command, Parameter.none)
            try setCode(command.data, in: &memory)
        case .reset where profile.habits.reset != .absent:
            try require(command, Parameter.reset)
            memory = OATHMemory(salt: profile.habits.reset == .newSalt ? draw() : memory.salt)
            (isOpen, challenge) = (false, nil)
        case .rename where profile.supportsRename:
            try require(command, Parameter.none)
            try rename(command.data, in: &memory)
        case .list:
            try require(command, Parameter.none)
            return list(memory)
        case .calculate:
            try require(command, Parameter.none, Parameter.truncated)
            guard profile.habits.computesWholeHMAC || command.p1p2 == Parameter.truncated else { throw .wrongP1P2 }
            return try calculate(command.data, truncated: command.p1p2 == Parameter.truncated, in: &memory)
        case .validate:
            try require(command, Parameter.none)
            return try validate(command.data, memory)
        case .calculateAll:
            try require(command, Parameter.none, Parameter.truncated)
            return try calculateAll(command.data, truncated: command.p1p2 == Parameter.truncated, in: &memory)
        case .sendRemaining:
            try require(command, Parameter.none)
            guard !remaining.isEmpty || !profile.habits.cutsBetweenRecords else { throw .conditionsNotSatisfied }
            return Array(remaining)
        default: throw .instructionNotSupported
        }
        return []
    }

    private func require(_ command: CommandAPDU, _ allowed: UInt16...) throws(StatusWord) {
        guard allowed.contains(command.p1p2) else { throw .wrongP1P2 }
    }

    /// As much of an answer as one block takes, with the status word that tells of the rest.
    private mutating func block(of data: [UInt8], _ command: CommandAPDU) -> [UInt8] {
        let size = command.isExtended ? profile.extendedBlock : profile.shortBlock
        if profile.habits.cutsBetweenRecords {
            // A command that names no length at all is taken for one that wants everything.
            let whole = command.isExtended || !command.hasLengthField
            return records(of: data, upTo: whole ? profile.extendedBlock : profile.shortBlock, command)
        }
        remaining = data.dropFirst(size)
        guard !remaining.isEmpty else { return data + StatusWord.success.bytes }
        // A NEO promises one block where more than one is left.
        return data.prefix(size) + StatusWord.moreData(min(remaining.count, size)).bytes
    }

    /// As many whole records as fit, each of as many fields as the command's answer has for a credential.
    private mutating func records(of data: [UInt8], upTo size: Int, _ command: CommandAPDU) -> [UInt8] {
        let instruction = OATHInstruction(rawValue: command.instruction)
        if instruction != .sendRemaining { remainingFields = instruction == .calculateAll ? 2 : 1 }
        var end = 0
        while end < data.count {
            var next = end
            for _ in 0..<remainingFields where next + 1 < data.count { next += 2 + Int(data[next + 1]) }
            guard next <= size else { break }
            end = next
        }
        remaining = data[end...]
        guard !remaining.isEmpty else { return data + StatusWord.success.bytes }
        return data[..<end] + StatusWord.moreData(Int(UInt8.max)).bytes
    }

    /// P1 and P2.
    private enum Parameter {
        static let none: UInt16 = 0x0000
        static let truncated: UInt16 = 0x0001
        static let reset: UInt16 = 0xDEAD
    }
}
