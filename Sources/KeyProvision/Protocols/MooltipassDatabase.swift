import ByteBuffers

/// What is in the memory of a Mooltipass BLE, as far as one-time passwords go: read in management mode, which the key
/// enters when its user approves it, after a PIN where the user has it set so.
///
/// Nothing short of it tells whether a login has a TOTP: a code that is asked for comes back empty for a login without one and
/// for a person who says no. A store under a login that has one takes its place.
struct MooltipassDatabase {
    let services: [Service]

    struct Service: Hashable {
        let name: [UInt16]
        let logins: [Login]
    }

    struct Login: Hashable {
        let address: UInt16
        let content: MooltipassLogin
    }

    /// Those with a TOTP of their own.
    var credentials: [(name: MooltipassName, totp: MooltipassLogin.TOTP, address: UInt16)] {
        services.flatMap { service in
            service.logins.compactMap { login in
                guard login.content.lender == nil, let totp = login.content.totp else { return nil }
                return (MooltipassName(service: service.name, login: login.content.name), totp, login.address)
            }
        }
    }

    func service(_ name: [UInt16]) -> Service? { services.first { $0.name == name } }

    func logins(_ name: MooltipassName) -> [Login] {
        service(name.service)?.logins.filter { $0.content.name == name.login } ?? []
    }

    /// Where a store under that name would end elsewhere.
    ///
    /// - A login may borrow the password of another one; a TOTP is then written into that one.
    /// - A service may stand for several domains: later firmware looks for `example.com` under `example` too
    ///   (`logic_database_search_service`). By which bit it is marked we do not know, so each such pair counts.
    ///
    /// One thing more is beyond the host: where the user has a category of logins open, the firmware looks for the name in that
    /// category alone, and makes a second login of it. Nothing is overwritten then.
    func divertsStore(of name: MooltipassName) -> Bool {
        if logins(name).contains(where: { $0.content.lender != nil }) { return true }
        guard service(name.service) == nil, let dot = name.service.lastIndex(of: Self.dot) else { return false }
        return service(Array(name.service[..<dot])) != nil
    }

    private static let dot = UInt16(UInt8(ascii: "."))
}

/// Management mode, and what is read and written in it (mooltipass/minible, `protocol.md`, "Memory Management Commands").
final class MooltipassManagement {
    private let channel: MooltipassChannel
    /// From before the key is asked, because an answer may get lost.
    private var mayBeOn = false

    init(_ channel: MooltipassChannel) { self.channel = channel }

    /// Runs `body` in management mode, and leaves it whatever comes.
    func run<Result>(
        during step: DeviceStep, _ body: () throws(DeviceError) -> Result
    ) throws(DeviceError) -> Result {
        mayBeOn = true
        guard try channel.isDone(.startManagement, within: .approvedWithPIN, during: step) else {
            mayBeOn = false
            throw .notApproved(during: step)
        }
        let result: Result
        do throws(DeviceError) {
            result = try body()
        } catch {
            leave()
            throw error
        }
        guard try channel.isDone(.endManagement, during: step) else { throw .malformedResponse(during: step) }
        mayBeOn = false
        return result
    }

    /// As far as the key still hears.
    func leave() {
        guard mayBeOn else { return }
        mayBeOn = false
        guard (try? channel.reset(during: .connecting)) != nil else { return }
        _ = try? channel.isDone(.endManagement, during: .connecting)
    }

    // MARK: In management mode

    func readAll(during step: DeviceStep) throws(DeviceError) -> MooltipassDatabase {
        var walk = Walk()
        var services: [MooltipassDatabase.Service] = []
        var address = try firstService(during: step)
        while address != 0 {
            try walk.visit(address, during: step)
            let service = try read(address, during: step, MooltipassService.init)
            var logins: [MooltipassDatabase.Login] = []
            var child = service.firstLogin
            while child != 0 {
                try walk.visit(child, during: step)
                let login = try read(child, during: step, MooltipassLogin.init)
                logins.append(MooltipassDatabase.Login(address: child, content: login))
                child = login.next
            }
            services.append(MooltipassDatabase.Service(name: service.name, logins: logins))
            address = service.next
        }
        return MooltipassDatabase(services: services)
    }

    /// Whether there is room for a login, and for its service where `services` is 1.
    func hasRoom(services: UInt16, during step: DeviceStep) throws(DeviceError) -> Bool {
        let message = MooltipassMessage.getFreeNodes(services: services, logins: 1)
        return try channel.answer(to: message, during: step).count == Self.addressLength * (Int(services) + 1)
    }

    /// Takes the TOTP off a login, as the maker's client does: the node is written back with the TOTP's bytes set to zero.
    ///
    /// A store with an empty secret is said to do that too. In the firmware that could be read it copies lengths from memory
    /// that was never written (`logic_user_store_TOTP_credential`), so nobody knows what it leaves.
    func removeTOTP(at address: UInt16, during step: DeviceStep) throws(DeviceError) {
        let before = try node(address, MooltipassLogin.length, during: step)
        // What is written back was read twice the same: a login's password is in it.
        guard try node(address, MooltipassLogin.length, during: step) == before else {
            throw .malformedResponse(during: step)
        }
        let after = MooltipassLogin.withoutTOTP(before)
        for _ in 0..<Self.mostWrites {
            guard try channel.isDone(.writeNode(address, after), during: step) else {
                throw .refusedByKey(during: step)
            }
            if try node(address, MooltipassLogin.length, during: step) == after { return }
        }
        throw .verificationFailed
    }

    // MARK: Parts

    /// The answer lists ten first services by type, those with passwords first, and seven of data.
    private func firstService(during step: DeviceStep) throws(DeviceError) -> UInt16 {
        let payload = try channel.answer(to: .getStartParents, during: step)
        guard payload.count == Self.startParentsLength else { throw .malformedResponse(during: step) }
        return payload.prefix(Self.addressLength).reversed().reduce(0) { $0 << 8 | UInt16($1) }
    }

    private func read<Node>(
        _ address: UInt16, during step: DeviceStep, _ parse: ([UInt8]) throws(ByteReader.EndOfBytes) -> Node
    ) throws(DeviceError) -> Node {
        let bytes = try channel.answer(to: .readNode(address), during: step)
        do throws(ByteReader.EndOfBytes) { return try parse(bytes) } catch { throw .malformedResponse(during: step) }
    }

    private func node(_ address: UInt16, _ length: Int, during step: DeviceStep) throws(DeviceError) -> [UInt8] {
        let bytes = try channel.answer(to: .readNode(address), during: step)
        guard bytes.count == length else { throw .malformedResponse(during: step) }
        return bytes
    }

    /// Nodes point to each other; ones that do so in a circle are no list.
    private struct Walk {
        private var visited: Set<UInt16> = []

        mutating func visit(_ address: UInt16, during step: DeviceStep) throws(DeviceError) {
            guard visited.insert(address).inserted else { throw .malformedResponse(during: step) }
        }
    }

    private static let addressLength = 2
    private static let startParentsLength = 34
    private static let mostWrites = 2
}
