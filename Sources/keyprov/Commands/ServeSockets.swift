import Glibc

/// A descriptor that is closed with its last reference.
final class OwnedDescriptor {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// Sets it up for a loop that waits elsewhere, and keeps it from programs that this one starts.
    ///
    /// - Returns: false where the system refuses.
    func stopBlocking() -> Bool {
        fcntl(number, F_SETFL, O_NONBLOCK) == 0 && fcntl(number, F_SETFD, FD_CLOEXEC) == 0
    }

    /// As `Descriptors.read`.
    func read(limit: Int) throws(FileError) -> [UInt8]? { try Descriptors.read(number, limit: limit) }

    /// - Returns: how many of the bytes went out.
    func send(_ bytes: [UInt8]) throws(FileError) -> Int {
        let count = unsafe Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
        guard count >= 0 else { throw FileError(.write, Self.name) }
        return count
    }

    private static let name = "client"
}

enum Descriptors {
    /// - Returns: the bytes that are there now, at most `limit`; empty at the end; nil where there are none yet.
    /// - Throws: where the other side is gone.
    static func read(_ number: Int32, limit: Int) throws(FileError) -> [UInt8]? {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let result = unsafe Glibc.read(number, buffer.baseAddress, limit)
            failure = result < 0 ? errno : 0
            count = max(result, 0)
        }
        if failure == EAGAIN || failure == EINTR { return nil }
        guard failure == 0 else { throw FileError(.read, "input", number: failure) }
        return bytes
    }
}

/// A socket that waits for clients: on 127.0.0.1, or a file that only this user may open and that goes with it.
final class ListeningSocket {
    let descriptor: OwnedDescriptor
    /// As a client names it.
    let address: String
    private let path: String?

    private static let backlog: Int32 = 16
    private static let loopback = "127.0.0.1"

    /// - Parameter port: 0 for one that the system chooses.
    init(loopbackPort port: UInt16) throws(FileError) {
        let name = "\(Self.loopback):\(port)"
        let descriptor = try Self.socket(AF_INET, name)
        var on: Int32 = 1
        _ = unsafe setsockopt(
            descriptor.number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout.size(ofValue: on)))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        try Self.listen(descriptor, &address, name)
        var length = socklen_t(MemoryLayout.size(ofValue: address))
        let known = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor.number, $0, &length)
            }
        }
        guard known == 0 else { throw FileError(.listen, name) }
        self.descriptor = descriptor
        self.address = "\(Self.loopback):\(UInt16(bigEndian: address.sin_port))"
        path = nil
    }

    init(path: String) throws(FileError) {
        guard !Files.exists(path) else { throw FileError(.create, path, number: EEXIST) }
        descriptor = try Self.socket(AF_UNIX, path)
        // Linux makes the file with the mode of the socket, so there is no moment in which others could connect.
        guard fchmod(descriptor.number, Files.ownerOnlyFile) == 0 else { throw FileError(.create, path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard !bytes.isEmpty, bytes.count < field.count else { return false }
            unsafe field.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw FileError(.create, path, number: ENAMETOOLONG) }
        try Self.listen(descriptor, &address, path)
        self.address = path
        self.path = path
    }

    deinit {
        if let path { _ = unsafe unlink(path) }
    }

    /// - Returns: nil where nobody waits any more.
    func accept() throws(FileError) -> OwnedDescriptor? {
        let number = Glibc.accept(descriptor.number, nil, nil)
        guard number >= 0 else {
            if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { return nil }
            throw FileError(.listen, address)
        }
        let client = OwnedDescriptor(number)
        guard client.stopBlocking() else { throw FileError(.listen, address) }
        if path == nil {
            // A transfer is a small message that the other side waits for.
            var on: Int32 = 1
            _ = unsafe setsockopt(
                number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout.size(ofValue: on)))
        }
        return client
    }

    private static func socket(_ family: Int32, _ name: String) throws(FileError) -> OwnedDescriptor {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let number = Glibc.socket(family, Int32(kind), 0)
        guard number >= 0 else { throw FileError(.listen, name) }
        return OwnedDescriptor(number)
    }

    private static func listen<Address>(
        _ descriptor: OwnedDescriptor, _ address: inout Address, _ name: String
    ) throws(FileError) {
        let length = socklen_t(MemoryLayout<Address>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor.number, $0, length)
            }
        }
        guard bound == 0, Glibc.listen(descriptor.number, backlog) == 0 else { throw FileError(.listen, name) }
    }
}
