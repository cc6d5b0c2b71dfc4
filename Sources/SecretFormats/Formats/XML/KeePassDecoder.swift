internal import ByteBuffers

/// Goes through the groups of a KeePass file, however deep, an entry at a time.
final class KeePassDecoder: RecordDecoding {
    private let stream: XMLStream
    /// Depths of the elements that are open: the file, its root, groups.
    private var open: [Int] = []
    private var isStarted = false
    private var recycleBin: [UInt8]?
    private(set) var leftOut: Set<FormatError.Field> = []

    init(_ stream: XMLStream) { self.stream = stream }

    func next() throws(FormatError) -> TokenRecord? {
        if !isStarted { try start() }
        while let parent = open.last {
            guard try stream.nextChild(of: parent) else {
                open.removeLast()
                if open.isEmpty { try stream.finish() }
                continue
            }
            if stream.isElement("Group") || stream.isElement("Root") {
                if !stream.isEmpty { open.append(stream.currentDepth) }
            } else if stream.isElement("Meta") {
                try readMeta()
            } else if stream.isElement("UUID") {
                try leaveRecycleBin(parent)
            } else if stream.isElement("Entry") {
                if let record = try record() { return record }
            } else {
                try stream.skip()
            }
        }
        return nil
    }

    private func start() throws(FormatError) {
        isStarted = true
        try stream.root()
        guard stream.isElement("KeePassFile") else { throw stream.failure(.malformed, .notKeePass) }
        if !stream.isEmpty { open.append(stream.currentDepth) }
    }

    private func readMeta() throws(FormatError) {
        try stream.forEachChild { () throws(FormatError) in
            if stream.isElement("RecycleBinUUID") {
                recycleBin = try stream.base64()
            } else {
                try stream.skip()
            }
        }
    }

    /// At the identity of a group: passes over the rest of it where it is the recycle bin, of which the identity is not
    /// all zeros.
    private func leaveRecycleBin(_ group: Int) throws(FormatError) {
        let identity = try stream.base64()
        guard identity == recycleBin, identity.contains(where: { $0 != 0 }) else { return }
        while try stream.nextChild(of: group) {
            leftOut.insert(.deletedEntries)
            try stream.skip()
        }
        open.removeLast()
        if open.isEmpty { try stream.finish() }
    }

    private func record() throws(FormatError) -> TokenRecord? {
        let line = stream.line
        do throws(FormatError) {
            let entry = try KeePassEntry(stream)
            leftOut.formUnion(entry.leftOut)
            let record = try entry.record()
            if record == nil { leftOut.insert(.otherEntries) }
            return record
        } catch {
            throw error.line == nil ? error.on(line: line) : error
        }
    }
}

extension FormatError.Field {
    public static let deletedEntries: Self = "entries in the recycle bin"
}

extension FormatError.Reason {
    public static let notKeePass: Self = "not an XML export of KeePass"
}
