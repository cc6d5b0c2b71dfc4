internal import ByteBuffers
internal import SecretFormats

/// Takes a sealed file out of its armor, a block at a time, and takes nothing that `ArmorWriter` would not write, but
/// white space around it and CR LF at the ends of lines. So two armored files that differ are two different files.
final class ArmorReader: ByteSource {
    private enum Place { case body, lastLine, end }

    private let feed: ByteFeed
    private var place = Place.body
    private var hasBegun = false
    private var number = 0
    /// Why `read` failed.
    private(set) var failure: SealError?

    /// Bytes of white space that are passed over in front and behind.
    private static let longestMargin = 1024
    private static let longestLine = 128
    private static let blockLength = 1 << 16

    init(_ feed: ByteFeed) { self.feed = feed }

    /// Whether an armor begins here, behind white space; nothing is taken.
    static func isNext(in feed: ByteFeed) throws(SealError) -> Bool {
        try feed.look(for: longestMargin + Armor.begin.utf8CodeUnitCount)
        return feed.withNext { recognizes($0) }
    }

    /// - Parameter mark: by default what any armor begins with, so that another kind of file is told from a broken one.
    static func recognizes(_ start: RawSpan, by mark: StaticString = "-----BEGIN ") -> Bool {
        let margin = (0..<min(start.byteCount, longestMargin)).first { !isSpace(start.byte(at: $0)) } ?? 0
        return start.extracting(droppingFirst: margin).begins(with: mark)
    }

    func read(into buffer: WipedBuffer) throws(FormatError) {
        do throws(SealError) {
            let before = buffer.count
            if !hasBegun { try begin() }
            while place != .end, buffer.count - before < Self.blockLength { try line(into: buffer) }
        } catch {
            failure = error
            throw FormatError(.unreadable, "the armor is broken")
        }
    }

    private func begin() throws(SealError) {
        hasBegun = true
        while feed.withNext(upTo: 1, { Self.isSpace($0.byte(at: 0)) }) {
            if feed.take(1).withBytes({ $0.byte(at: 0) }) == UInt8(ascii: "\n") { number += 1 }
        }
        let line = try next()
        guard line.withBytes({ $0.isExactly(Armor.begin) }) else { throw fault(.begin) }
    }

    private func line(into buffer: WipedBuffer) throws(SealError) {
        let line = try next()
        if line.withBytes({ $0.isExactly(Armor.end) }) {
            try end()
            return
        }
        guard place == .body else { throw fault(.lastLine) }
        let columns = line.count
        guard 1...Armor.columns ~= columns, columns.isMultiple(of: 4) else { throw fault(.lineLength) }
        let before = buffer.count
        let isDecoded = line.withBytes { line in
            // The decoder passes over white space, which may not be within a line.
            guard (0..<line.byteCount).allSatisfy({ !Self.isSpace(line.byte(at: $0)) }) else { return false }
            do throws(FormatError) { try Base64.decode(line, into: buffer) } catch { return false }
            return true
        }
        guard isDecoded else { throw fault(.alphabet) }
        if buffer.count - before < Armor.bytesOfLine { place = .lastLine }
    }

    /// Behind the last line there may be white space.
    private func end() throws(SealError) {
        place = .end
        try feed.look(for: Self.longestMargin + 1)
        let isBlank = feed.withNext { rest in (0..<rest.byteCount).allSatisfy { Self.isSpace(rest.byte(at: $0)) } }
        guard isBlank, feed.count <= Self.longestMargin else { throw fault(.afterEnd) }
    }

    /// The next line without its end.
    private func next() throws(SealError) -> WipedBuffer {
        number += 1
        let line: WipedBuffer
        if let whole = try feed.line(limit: Self.longestLine) {
            line = whole
        } else {
            // The last line of a file need not end.
            guard feed.count < Self.longestLine, feed.count > 0 else {
                throw fault(feed.count == 0 ? .end : .lineLength)
            }
            line = feed.take(feed.count)
        }
        let content = WipedBuffer(capacity: line.count)
        line.withBytes { bytes in
            var end = bytes.byteCount
            if bytes.byte(at: end - 1) == UInt8(ascii: "\n") {
                end -= 1
                if bytes.byte(at: end - 1) == UInt8(ascii: "\r") { end -= 1 }
            }
            content.append(contentsOf: bytes.extracting(first: end))
        }
        return content
    }

    private func fault(_ fault: ArmorFault) -> SealError { .malformedArmor(fault, line: number) }

    private static func isSpace(_ byte: UInt8?) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
        default: false
        }
    }
}

extension RawSpan {
    fileprivate func isExactly(_ text: StaticString) -> Bool {
        byteCount == text.utf8CodeUnitCount && begins(with: text)
    }
}
