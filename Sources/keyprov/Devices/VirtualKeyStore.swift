import ByteBuffers
import MockDevices
import SecretFormats
import USBTransport

/// Virtual keys under the state folder: one file each, their persistent memory.
struct VirtualKeyStore {
    let folder: String

    private static let suffix = ".json"
    private static let lockSuffix = ".lock"
    private static let memoryLimit = 1 << 20
    private static let labelLimit = 32
    /// Of a label that gets a dash and a number of seven digits.
    private static let numberedLimit = 24

    init(stateFolder: String) { folder = stateFolder + "/virtual" }

    /// `MODEL` or `MODEL:LABEL`.
    struct Name: Hashable {
        let text: String
        let model: VirtualModel

        init(_ text: String) throws(VirtualKeyFailure) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, let model = Catalog.virtualModel(named: String(first)) else {
                throw .noSuchModel(parts.first.map(String.init) ?? "")
            }
            if parts.count > 1 {
                let label = parts.last ?? ""
                guard (1...labelLimit).contains(label.count), label.first != ".", label.utf8.allSatisfy(Self.isAllowed)
                else { throw .malformedName(text) }
            }
            self.text = text
            self.model = model
        }

        /// The beginning of a label that a number is put behind.
        static func label(from text: String) -> String {
            let name = text.utf8.drop { $0 == UInt8(ascii: ".") }.prefix(numberedLimit)
            return String(decoding: name.map { isAllowed($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        }

        /// Only what is the same in every file system.
        private static func isAllowed(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    /// Names of the keys that exist.
    func names() throws -> [Name] {
        try Files.names(in: folder).filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
            .compactMap { try? Name(String($0.dropLast(Self.suffix.count))) }
    }

    func exists(_ name: Name) -> Bool { Files.exists(path(name)) }

    /// The key with its memory; a new one where there is none. It is this process's until the lock goes.
    func load(_ name: Name) throws -> (key: VirtualKey, lock: LockFile) {
        try StateFolder.make(folder)
        guard let lock = try LockFile(folder + "/" + name.text + Self.lockSuffix) else {
            throw VirtualKeyFailure.inUse(name.text)
        }
        let key = try exists(name) ? restore(name) : VirtualKey(model: name.model, serial: serial())
        let path = path(name)
        key.onMemoryWrite = { snapshot in try Self.save(snapshot, path) }
        if !exists(name) { try Self.save(key.snapshot, path) }
        return (key, lock)
    }

    func remove(_ name: Name) throws {
        guard exists(name) else { throw VirtualKeyFailure.none(name.text) }
        guard let lock = try LockFile(folder + "/" + name.text + Self.lockSuffix) else {
            throw VirtualKeyFailure.inUse(name.text)
        }
        try withExtendedLifetime(lock) {
            try Files.remove(path(name))
            try Files.remove(folder + "/" + name.text + Self.lockSuffix)
        }
    }

    /// Takes a key back to the day it was made; its serial number stays.
    ///
    /// - Returns: that number.
    func reset(_ name: Name) throws -> UInt32 {
        guard exists(name) else { throw VirtualKeyFailure.none(name.text) }
        let (key, lock) = try load(name)
        return try withExtendedLifetime(lock) {
            try Self.save(VirtualKey(model: name.model, serial: key.serial).snapshot, path(name))
            return key.serial
        }
    }

    private func restore(_ name: Name) throws -> VirtualKey {
        let memory = try Files.read(path(name), limit: Self.memoryLimit)
        do {
            return try VirtualKey(restoring: memory.withBytes { [UInt8](copying: $0) })
        } catch {
            throw VirtualKeyFailure.unreadable(name.text, path: path(name))
        }
    }

    /// A drawn serial number: one of a million, so that a few keys on one desk hardly ever share it.
    private func serial() throws -> UInt32 {
        var drawn: UInt32 = 0
        let random = try Secret.random(count: MemoryLayout<UInt32>.size, from: World.current.random)
        random.withBytes { bytes in drawn = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self) }
        return VirtualKey.virtualSerial(drawn)
    }

    private func path(_ name: Name) -> String { folder + "/" + name.text + Self.suffix }

    private static func save(_ snapshot: [UInt8], _ path: String) throws {
        let file = try NewFile(path, .replacing)
        try file.write(WipedBuffer(snapshot))
        try file.commit()
    }
}
