internal import ByteBuffers

/// The textual start of an age file (C2SP age, "Header").
///
/// ```
/// age-encryption.org/v1 LF
/// stanza, one or more (`Stanza`)
/// "--- " base64 of 32 bytes LF     HMAC-SHA-256 over all before, and the "---"
/// ```
struct Header {
    static let versionLine: StaticString = "age-encryption.org/v1\n"
    static let anyVersion: StaticString = "age-encryption.org/"
    static let macMark: StaticString = "---"

    var stanzas: [Stanza]
    var mac: [UInt8]
    /// What the MAC is over, byte for byte as it was read.
    let authenticated: WipedBuffer
}

/// Reads a header and nothing behind it.
struct HeaderReader {
    /// Bytes; some ten thousand recipients.
    static let longestHeader = 1 << 20

    private let feed: ByteFeed
    private let text = WipedBuffer()
    private var number = 0

    private init(_ feed: ByteFeed) { self.feed = feed }

    static func read(from feed: ByteFeed) throws(SealError) -> Header {
        var reader = HeaderReader(feed)
        return try reader.header()
    }

    private mutating func header() throws(SealError) -> Header {
        try feed.look(for: Header.versionLine.utf8CodeUnitCount)
        guard feed.withNext({ $0.begins(with: Header.anyVersion) }) else { throw .notSealed }
        guard feed.withNext({ $0.begins(with: Header.versionLine) }) else { throw .unsupportedVersion }
        text.append(contentsOf: try line())
        var stanzas: [Stanza] = []
        while true {
            let line = try line()
            if line.withBytes({ $0.begins(with: Header.macMark) }) {
                guard !stanzas.isEmpty else { throw fault(.noStanza) }
                text.append(Header.macMark)
                return Header(stanzas: stanzas, mac: try mac(line), authenticated: text)
            }
            text.append(contentsOf: line)
            let words = try arguments(line)
            guard let type = words.first else { throw fault(.argument) }
            stanzas.append(Stanza(type: type, arguments: Array(words.dropFirst()), body: try body()))
        }
    }

    private func mac(_ line: WipedBuffer) throws(SealError) -> [UInt8] {
        let start = Header.macMark.utf8CodeUnitCount + 1
        let mac = line.withBytes { line -> [UInt8]? in
            guard line.begins(with: "--- ") else { return nil }
            return UnpaddedBase64.decode(line.extracting(start..<max(start, line.byteCount - 1)))
        }
        guard let mac, mac.count == FileKey.macLength else { throw fault(.mac) }
        return mac
    }

    private func arguments(_ line: WipedBuffer) throws(SealError) -> [String] {
        guard line.withBytes({ $0.begins(with: "-> ") }) else { throw fault(.unknownLine) }
        let words = line.withBytes { [UInt8](copying: $0) }.dropFirst("-> ".utf8.count).dropLast()
            .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.allSatisfy({ word in !word.isEmpty && word.allSatisfy { Self.visible ~= $0 } }) else {
            throw fault(.argument)
        }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }

    /// ABNF's VCHAR.
    private static let visible: ClosedRange<UInt8> = UInt8(ascii: "!")...UInt8(ascii: "~")

    private mutating func body() throws(SealError) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try line()
            text.append(contentsOf: line)
            let columns = line.count - 1
            guard columns <= Stanza.bodyColumns,
                let bytes = line.withBytes({ UnpaddedBase64.decode($0.extracting(first: columns)) })
            else { throw fault(.body) }
            body += bytes
            if columns < Stanza.bodyColumns { return body }
        }
    }

    /// The next line with its line feed.
    private mutating func line() throws(SealError) -> WipedBuffer {
        number += 1
        let limit = Self.longestHeader - text.count
        guard let line = try feed.line(limit: limit) else { throw fault(feed.count < limit ? .cutOff : .tooLong) }
        return line
    }

    private func fault(_ fault: HeaderFault) -> SealError { .malformedHeader(fault, line: number) }
}

extension RawSpan {
    func begins(with prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { letters in
            letters.indices.allSatisfy { unsafe byte(at: $0) == letters[$0] }
        }
    }
}
