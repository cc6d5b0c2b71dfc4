/// The memory of a Mooltipass BLE: nodes that point to each other, as its firmware keeps them (mooltipass/minible,
/// `database_model.md`, `nodemgmt.h`).
///
///     service, 264 bytes                 login, 528 bytes: two places
///     0    2  flags                      0    2  flags, 40 in the high byte
///     2    2  service before             2    2  login before
///     4    2  service behind             4    2  login behind
///     6    2  first login                6    2  login that lends its password
///     8  252  name                      12  128  name
///                                      270  128  password
///                                      400   64  TOTP secret under the card's key, then length (2), step, hash, digits,
///                                                counter of the encryption (3)
///
/// Services and logins are in the order of their letters. All numbers are little-endian.
struct MooltipassFlash: Hashable {
    /// Service and login nodes by their addresses.
    var nodes: [UInt16: [UInt8]] = [:]
    var firstService: UInt16 = 0
    /// Of the card, which encrypts what is secret.
    var cardKey: [UInt8]
    /// How often it encrypted: 24 bits.
    var counter: UInt32 = 0

    static let serviceLength = 264
    static let loginLength = 528
    static let serviceLetters = 126
    static let loginLetters = 64
    static let longestSecret = 64
    /// Nodes of a service; one of a login takes two. A real key has room for some thousand.
    static let places = 80
    private static let firstAddress: UInt16 = 0x0100

    struct TOTP: Hashable {
        var secret: [UInt8]
        var digits: UInt8
        var period: UInt8
        var hash: UInt8
    }

    // MARK: Looking

    func service(named name: [UInt16]) -> UInt16? {
        chain(from: firstService).first { letters($0, at: Field.serviceName, Self.serviceLetters) == name }
    }

    func login(named name: [UInt16], in service: UInt16) -> UInt16? {
        chain(from: word(service, at: Field.firstLogin)).first {
            letters($0, at: Field.loginName, Self.loginLetters) == name
        }
    }

    func totp(of login: UInt16) -> TOTP? {
        guard let node = nodes[login], node.count == Self.loginLength else { return nil }
        let length = Int(word(login, at: Field.secretLength))
        guard 1...Self.longestSecret ~= length else { return nil }
        let counter = Array(node[Field.encryptionCounter..<Field.encryptionCounter + 3])
        let secret = Self.crypt(Array(node[Field.secret..<Field.secret + Self.longestSecret]), cardKey, counter)
        return TOTP(
            secret: Array(secret.prefix(length)), digits: node[Field.digits], period: node[Field.period],
            hash: node[Field.hash])
    }

    /// Free places, for services and for logins, as the firmware counts them out: the former first.
    func free(services: Int, logins: Int) -> [UInt16]? {
        var copy = self
        var found: [UInt16] = []
        for length in [Int](repeating: Self.serviceLength, count: services)
            + [Int](repeating: Self.loginLength, count: logins)
        {
            guard let address = copy.place(for: length) else { return nil }
            copy.nodes[address] = [UInt8](repeating: 0, count: length)
            found.append(address)
        }
        return found
    }

    // MARK: Changing

    /// A TOTP under that login, whose node and service are made where they are missing.
    ///
    /// - Returns: false where there is no room.
    mutating func store(_ totp: TOTP, service name: [UInt16], login: [UInt16]) -> Bool {
        var copy = self
        guard let service = copy.service(named: name) ?? copy.addService(name),
            let login = copy.login(named: login, in: service) ?? copy.addLogin(login, to: service)
        else { return false }
        let lender = copy.word(login, at: Field.lender)
        copy.write(totp, to: copy.nodes[lender] == nil ? login : lender)
        self = copy
        return true
    }

    private mutating func write(_ totp: TOTP, to login: UInt16) {
        counter = (counter + 1) & Self.counterMask
        let bytes = (0..<3).map { UInt8(truncatingIfNeeded: counter >> (16 - 8 * UInt32($0))) }
        let padded = totp.secret + [UInt8](repeating: 0, count: Self.longestSecret - totp.secret.count)
        nodes[login]?.replaceSubrange(
            Field.secret..<Field.encryptionCounter + 3,
            with: Self.crypt(padded, cardKey, bytes) + littleEndian(UInt16(totp.secret.count))
                + [totp.period, totp.hash, totp.digits] + bytes)
    }

    private mutating func addService(_ name: [UInt16]) -> UInt16? {
        guard let address = place(for: Self.serviceLength) else { return nil }
        nodes[address] = [UInt8](repeating: 0, count: Self.serviceLength)
        set(name, at: Field.serviceName, of: address)
        var chain = chain(from: firstService)
        let index = chain.firstIndex { name.lexicographicallyPrecedes(serviceName($0)) } ?? chain.endIndex
        chain.insert(address, at: index)
        link(chain)
        firstService = chain.first ?? 0
        return address
    }

    mutating func addLogin(_ name: [UInt16], to service: UInt16) -> UInt16? {
        guard let address = place(for: Self.loginLength) else { return nil }
        var node = [UInt8](repeating: 0, count: Self.loginLength)
        node[1] = Self.loginFlag
        nodes[address] = node
        set(name, at: Field.loginName, of: address)
        var chain = chain(from: word(service, at: Field.firstLogin))
        let index =
            chain.firstIndex { name.lexicographicallyPrecedes(letters($0, at: Field.loginName, Self.loginLetters)) }
            ?? chain.endIndex
        chain.insert(address, at: index)
        link(chain)
        setWord(chain.first ?? 0, at: Field.firstLogin, of: service)
        return address
    }

    // MARK: Parts

    private func serviceName(_ address: UInt16) -> [UInt16] {
        letters(address, at: Field.serviceName, Self.serviceLetters)
    }

    /// The nodes behind each other from an address on.
    private func chain(from first: UInt16) -> [UInt16] {
        var chain: [UInt16] = []
        var address = first
        while nodes[address] != nil, !chain.contains(address) {
            chain.append(address)
            address = word(address, at: Field.next)
        }
        return chain
    }

    private mutating func link(_ chain: [UInt16]) {
        for (index, address) in chain.enumerated() {
            setWord(index > 0 ? chain[index - 1] : 0, at: Field.previous, of: address)
            setWord(index + 1 < chain.count ? chain[index + 1] : 0, at: Field.next, of: address)
        }
    }

    private func place(for length: Int) -> UInt16? {
        var taken: Set<UInt16> = []
        for (address, node) in nodes {
            taken.insert(address)
            if node.count == Self.loginLength { taken.insert(address + 1) }
        }
        let last = Self.firstAddress + UInt16(Self.places) - 1
        return (Self.firstAddress...last).first { address in
            !taken.contains(address)
                && (length == Self.serviceLength || address < last && !taken.contains(address + 1))
        }
    }

    func word(_ address: UInt16, at offset: Int) -> UInt16 {
        guard let node = nodes[address], offset + 1 < node.count else { return 0 }
        return UInt16(node[offset]) | UInt16(node[offset + 1]) << 8
    }

    mutating func setWord(_ word: UInt16, at offset: Int, of address: UInt16) {
        nodes[address]?.replaceSubrange(offset..<offset + 2, with: littleEndian(word))
    }

    private func letters(_ address: UInt16, at offset: Int, _ count: Int) -> [UInt16] {
        Array((0..<count).map { word(address, at: offset + 2 * $0) }.prefix { $0 != 0 })
    }

    private mutating func set(_ letters: [UInt16], at offset: Int, of address: UInt16) {
        nodes[address]?.replaceSubrange(offset..<offset + 2 * letters.count, with: letters.flatMap(littleEndian))
    }

    /// The card's AES in counter mode on a real key; here a key stream as good for telling right from wrong.
    private static func crypt(_ bytes: [UInt8], _ key: [UInt8], _ counter: [UInt8]) -> [UInt8] {
        let stream = (0..<4 as Range<UInt8>).flatMap { block in
            (try? HMACHash.sha1.authenticate(counter + [block], key: key)) ?? []
        }
        return zip(bytes, stream).map { $0 ^ $1 }
    }

    enum Field {
        static let previous = 2
        static let next = 4
        static let firstLogin = 6
        static let lender = 6
        static let serviceName = 8
        static let loginName = 12
        static let secret = 400
        static let secretLength = 464
        static let period = 466
        static let hash = 467
        static let digits = 468
        static let encryptionCounter = 469
    }

    private static let loginFlag: UInt8 = 0x40
    private static let counterMask: UInt32 = 0x00FF_FFFF
}

private func littleEndian(_ word: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
