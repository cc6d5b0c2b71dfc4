/// What the commands of a Mooltipass BLE do (mooltipass/minible, `protocol.md`).
extension MooltipassChip {
    enum Command {
        static let ping: UInt16 = 0x0001
        static let retry: UInt16 = 0x0002
        static let platformInfo: UInt16 = 0x0003
        static let setDate: UInt16 = 0x0004
        static let cancel: UInt16 = 0x0005
        static let startManagement: UInt16 = 0x0009
        static let status: UInt16 = 0x0011
        static let storeTOTP: UInt16 = 0x0027
        static let getCode: UInt16 = 0x0041
        static let startParents: UInt16 = 0x0100
        static let endManagement: UInt16 = 0x0101
        static let readNode: UInt16 = 0x0102
        static let freeNodes: UInt16 = 0x0108
        static let writeNode: UInt16 = 0x010D
        /// Those that are refused outside of management mode.
        static let management: ClosedRange<UInt16> = 0x0100...0x0200
    }

    /// A command that needs nobody's approval. One that the firmware does not know has no answer.
    mutating func reply(to message: Message) {
        switch message.command {
        case Command.ping: answer(message.command, message.payload)
        case Command.platformInfo: answer(message.command, platform)
        case Command.startParents:
            answer(message.command, bytes(flash.firstService) + [UInt8](repeating: 0, count: Self.otherParents))
        case Command.endManagement:
            isManaged = false
            answer(message.command, [1])
        case Command.readNode: answer(message.command, message.words.first.flatMap { flash.nodes[$0] } ?? [0])
        case Command.freeNodes: answer(message.command, freeNodes(message.words))
        case Command.writeNode: answer(message.command, [writeNode(message.payload) ? 1 : 0])
        default: break
        }
    }

    /// Whether the firmware would ask its user at all.
    func isAskable(_ message: Message) -> Bool {
        switch message.command {
        case Command.storeTOTP: store(message.payload) != nil
        case Command.getCode: profile.tellsCodes && login(message) != nil
        default: true
        }
    }

    /// What a person approved, or need not.
    mutating func execute(_ message: Message, at now: Duration) {
        switch message.command {
        case Command.startManagement:
            isManaged = true
            answer(message.command, [1])
        case Command.storeTOTP:
            var changed = flash
            guard let (totp, service, login) = store(message.payload),
                changed.store(totp, service: service, login: login), keep(changed)
            else { return decline(message) }
            answer(message.command, [1])
        case Command.getCode:
            guard let login = login(message), let clock,
                let code = flash.totp(of: login)?.code(
                    at: UInt64(clamping: clock.set + (now - clock.at).components.seconds))
            else { return decline(message) }
            answer(message.command, code.utf16.flatMap(bytes) + [0, 0])
        default: decline(message)
        }
    }

    private var platform: [UInt8] {
        [profile.main.major, profile.main.minor, profile.second.major, profile.second.minor].flatMap(bytes)
            + bytes(UInt16(truncatingIfNeeded: serial)) + bytes(UInt16(serial >> 16)) + bytes(Self.memorySize)
            + bytes(UInt16(profile.firmware.major))
    }

    private func freeNodes(_ words: [UInt16]) -> [UInt8] {
        guard words.count == 3 else { return [0] }
        return flash.free(services: Int(words[1]), logins: Int(words[2]))?.flatMap(bytes) ?? []
    }

    private mutating func writeNode(_ payload: [UInt8]) -> Bool {
        guard payload.count > 2 else { return false }
        let (address, node) = (UInt16(payload[0]) | UInt16(payload[1]) << 8, Array(payload[2...]))
        guard flash.nodes[address]?.count == node.count else { return false }
        var changed = flash
        changed.nodes[address] = node
        return keep(changed)
    }

    /// - Returns: nil for what the firmware's own check refuses.
    private func store(_ payload: [UInt8]) -> (MooltipassFlash.TOTP, service: [UInt16], login: [UInt16])? {
        guard payload.count == Self.storeLength else { return nil }
        let service = letters(payload[..<Self.serviceEnd])
        let login = letters(payload[Self.serviceEnd..<Self.loginEnd])
        let tail = Array(payload[Self.secretEnd...])
        let length = Int(tail[0])
        // An empty secret is one for which this firmware does what nobody knows.
        guard !service.isEmpty, !login.isEmpty, 1...MooltipassFlash.longestSecret ~= length, 6...8 ~= tail[1],
            30...99 ~= tail[2], tail[3] <= 2
        else { return nil }
        let secret = Array(payload[Self.loginEnd..<Self.loginEnd + length])
        return (MooltipassFlash.TOTP(secret: secret, digits: tail[1], period: tail[2], hash: tail[3]), service, login)
    }

    private func login(_ message: Message) -> UInt16? {
        let words = message.words
        guard words.count > 2, words[0] == 0 else { return nil }
        let letters = words.dropFirst(2)
        let service = Array(letters.prefix { $0 != 0 })
        let rest = letters.dropFirst(Int(words[1]))
        guard !service.isEmpty, Int(words[1]) == service.count + 1, rest.contains(0),
            let address = flash.service(named: service)
        else { return nil }
        return flash.login(named: Array(rest.prefix { $0 != 0 }), in: address)
    }

    private func letters(_ bytes: ArraySlice<UInt8>) -> [UInt16] {
        Array(Message(command: 0, payload: Array(bytes)).words.prefix { $0 != 0 })
    }

    private func bytes(_ word: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }

    private static let otherParents = 32
    private static let memorySize: UInt16 = 8
    private static let storeLength = 448
    private static let serviceEnd = 252
    private static let loginEnd = 380
    private static let secretEnd = 444
}

extension MooltipassChip.Message {
    /// The payload in numbers of 16 bits; an odd byte at the end is none.
    var words: [UInt16] {
        stride(from: 0, to: payload.count - 1, by: 2).map { UInt16(payload[$0]) | UInt16(payload[$0 + 1]) << 8 }
    }
}

extension MooltipassFlash.TOTP {
    /// With SHA-1, whatever the number says.
    func code(at unixTime: UInt64) -> String? {
        guard period > 0,
            let mac = try? HMACHash.sha1.authenticate(bigEndianBytes(unixTime / UInt64(period)), key: secret)
        else { return nil }
        return OATHStoredCredential.code(mac, digits: Int(digits))
    }
}
