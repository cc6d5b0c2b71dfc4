import ByteBuffers
import Glibc
import SecretFormats
import USBTransport

/// A process that has a device's node open.
struct DeviceHolder: Hashable {
    let processID: Int
    let name: String
    /// Whether the node was seen open. Processes of other users cannot be looked into without root.
    let isCertain: Bool

    var text: String { "\(name) (pid \(processID))" }
    var likelihoodText: String { isCertain ? text : "another process, probably \(text)" }

    /// What makes it let go. Never a signal to a process by its name.
    var hint: String {
        switch name {
        case "pcscd": "have it let go for now: '\(Self.stopPCSCD)'"
        case "scdaemon": "have it let go for now: '\(Self.stopSCDaemon)'"
        default: "end \(name) or wait for it"
        }
    }

    /// Processes that hold the device open, as far as this user may see: those of other users show only to root.
    static func holding(_ location: USBLocation, address: UInt8, in world: World = .current) -> [DeviceHolder] {
        let node = "\(world.deviceFolder)/\(padded(location.bus))/\(padded(address))"
        let processes = (try? Files.names(in: world.processFolder)) ?? []
        return processes.compactMap(Int.init).sorted().compactMap { processID in
            let folder = "\(world.processFolder)/\(processID)"
            let descriptors = (try? Files.names(in: "\(folder)/fd")) ?? []
            guard processID != getpid(), descriptors.contains(where: { target("\(folder)/fd/\($0)") == node }) else {
                return nil
            }
            return DeviceHolder(processID: processID, name: command(folder) ?? "process \(processID)", isCertain: true)
        }
    }

    /// Processes that are known to take smart cards and run now, whether or not they can be seen to hold one.
    static func suspects(in world: World = .current) -> [DeviceHolder] {
        let processes = (try? Files.names(in: world.processFolder)) ?? []
        return processes.compactMap(Int.init).sorted().compactMap { processID in
            guard let name = command("\(world.processFolder)/\(processID)"), known.contains(name) else { return nil }
            return DeviceHolder(processID: processID, name: name, isCertain: false)
        }
    }

    /// The socket would start the service again.
    static let stopPCSCD = "sudo systemctl stop pcscd.socket pcscd.service"
    static let stopSCDaemon = "gpgconf --kill scdaemon"

    private static let known: Set = ["pcscd", "scdaemon"]
    private static let nameLimit = 64
    private static let pathLimit = 4096

    private static func command(_ folder: String) -> String? {
        guard let comm = try? Files.read("\(folder)/comm", limit: nameLimit) else { return nil }
        return comm.withBytes { String(decoding: $0) }.split(separator: "\n").first.map(String.init)
    }

    private static func target(_ link: String) -> String? {
        var path = [CChar](repeating: 0, count: pathLimit)
        let count = unsafe readlink(link, &path, path.count)
        return count > 0 ? String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    /// Three digits, as usbfs names buses and devices.
    private static func padded(_ number: UInt8) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }
}
