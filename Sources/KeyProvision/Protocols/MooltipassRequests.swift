import ByteBuffers
import SecretFormats

/// Under what a Mooltipass files a credential: a service, and a login under it. Both are matched letter by letter.
struct MooltipassName: Hashable, Sendable {
    /// UTF-16, without a zero; of one letter each, as the features of the family have it.
    let service: [UInt16]
    let login: [UInt16]

    init(service: [UInt16], login: [UInt16]) { (self.service, self.login) = (service, login) }

    /// - Parameter label: one whose parts the features of the family let pass.
    init(_ label: Label) {
        self.init(service: Array((label.issuer ?? "").utf16), login: Array(label.account.utf16))
    }

    /// - Parameter id: as `bytes` gave it.
    init?(id: [UInt8]) {
        var reader = ByteReader(id)
        guard let service = try? reader.letters(), let login = try? reader.letters(), reader.isAtEnd else { return nil }
        self.init(service: service, login: login)
    }

    /// Each part with a zero behind it, little-endian.
    var bytes: [UInt8] {
        [service, login].flatMap { part in (part + [0]).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } }
    }
}

extension ByteReader {
    /// Letters up to a zero, which is read too.
    mutating func letters() throws(EndOfBytes) -> [UInt16] {
        var letters: [UInt16] = []
        while true {
            let letter = try littleEndian16()
            guard letter != 0 else { return letters }
            letters.append(letter)
        }
    }
}

/// Messages to a Mooltipass BLE. Numbers are little-endian (mooltipass/minible, `comms_hid_defines.h`, `protocol.md`).
extension MooltipassMessage {
    static var platformInfo: MooltipassMessage { MooltipassMessage(.platformInfo) }
    static var deviceStatus: MooltipassMessage { MooltipassMessage(.deviceStatus) }
    static var startManagement: MooltipassMessage { MooltipassMessage(.startManagement) }
    static var endManagement: MooltipassMessage { MooltipassMessage(.endManagement) }
    static var getStartParents: MooltipassMessage { MooltipassMessage(.getStartParents) }
    static var cancelRequest: MooltipassMessage { MooltipassMessage(.cancelRequest) }

    ///     0  2  year           6  2  hour
    ///     2  2  month          8  2  minute
    ///     4  2  day           10  2  second
    ///
    /// In UTC, as the key computes codes by it (mooltipass/moolticute, issue 700).
    static func setDate(_ date: MooltipassDate) -> MooltipassMessage {
        words(.setDate, [date.year, date.month, date.day, date.hour, date.minute, date.second])
    }

    ///       0  252  service, 126 letters      445  1  digits, 6 to 8
    ///     252  128  login, 64 letters         446  1  time step in seconds
    ///     380   64  secret                    447  1  hash: 0 for SHA-1
    ///     444    1  its length
    ///
    /// - Parameter secret: 1 to 64 bytes.
    static func storeTOTP(_ name: MooltipassName, secret: Secret, digits: Int) -> MooltipassMessage {
        let payload = WipedBuffer(capacity: storeLength)
        append(name.service, to: payload, room: MooltipassWire.Room.service)
        append(name.login, to: payload, room: MooltipassWire.Room.login)
        secret.withBytes { payload.append(contentsOf: $0) }
        payload.append(repeating: 0, count: max(0, MooltipassWire.longestSecret - secret.count))
        payload.append(UInt8(clamping: secret.count))
        payload.append(UInt8(clamping: digits))
        payload.append(UInt8(clamping: MooltipassWire.period))
        payload.append(MooltipassWire.sha1)
        return MooltipassMessage(.storeTOTP, payload)
    }

    ///     0  2  0: where the service begins, in letters
    ///     2  2  where the login begins
    ///     4  …  service, login, each with a zero behind it
    static func getTOTPCode(_ name: MooltipassName) -> MooltipassMessage {
        let payload = WipedBuffer()
        payload.append(littleEndian: UInt16(0))
        payload.append(littleEndian: UInt16(truncatingIfNeeded: name.service.count + 1))
        payload.append(contentsOf: name.bytes)
        return MooltipassMessage(.getTOTPCode, payload)
    }

    static func readNode(_ address: UInt16) -> MooltipassMessage { words(.readNode, [address]) }

    ///     0  2  address
    ///     2  n  the node
    static func writeNode(_ address: UInt16, _ node: [UInt8]) -> MooltipassMessage {
        let payload = WipedBuffer(capacity: node.count + 2)
        payload.append(littleEndian: address)
        payload.append(contentsOf: node)
        return MooltipassMessage(.writeNode, payload)
    }

    ///     0  2  address to look from; 0 for all
    ///     2  2  how many nodes for services
    ///     4  2  how many nodes for logins
    static func getFreeNodes(services: UInt16, logins: UInt16) -> MooltipassMessage {
        words(.getFreeNodes, [0, services, logins])
    }

    private static func words(_ command: MooltipassWire.Command, _ words: [UInt16]) -> MooltipassMessage {
        let payload = WipedBuffer(capacity: words.count * 2)
        for word in words { payload.append(littleEndian: word) }
        return MooltipassMessage(command, payload)
    }

    private static func append(_ letters: [UInt16], to payload: WipedBuffer, room: Int) {
        for letter in letters.prefix(room - 1) { payload.append(littleEndian: letter) }
        payload.append(repeating: 0, count: 2 * (room - min(letters.count, room - 1)))
    }

    private static let storeLength = 448
}
