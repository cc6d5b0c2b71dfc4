import ByteBuffers
import Foundation
import TestSupport
import Testing

@Suite struct WipedBufferTests {
    @Test func `what is appended comes back in order`() {
        let buffer = WipedBuffer(capacity: 0)
        #expect(buffer.isEmpty)
        buffer.append(0x01)
        buffer.append(bigEndian: 0x0203 as UInt16)
        buffer.append(bigEndian: 0x0405_0607 as UInt32)
        buffer.append(littleEndian: 0x0908 as UInt16)
        buffer.append(littleEndian: 0x0D0C_0B0A as UInt32)
        buffer.append("\u{0E}\u{0F}")
        buffer.append(contentsOf: [0x10, 0x11])
        buffer.append(contentsOf: WipedBuffer([0x12, 0x13]))
        #expect(bytes(of: buffer) == Array(0x01...0x13))
        #expect(buffer.count == 0x13)
    }

    @Test func `growing keeps the bytes`() {
        let buffer = WipedBuffer(capacity: 1)
        var expected: [UInt8] = []
        var generator = SeededGenerator(seed: 0x317)
        for length in 0..<20 {
            let piece = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            buffer.append(contentsOf: piece)
            expected += piece
        }
        #expect(bytes(of: buffer) == expected)
    }

    @Test func `a buffer can be appended to itself, whether or not it grows`() {
        for room in [0, 100] {
            let buffer = WipedBuffer(capacity: 32 + room)
            buffer.append(contentsOf: 0..<32)
            buffer.append(contentsOf: buffer)
            #expect(bytes(of: buffer) == Array(0..<32) + Array(0..<32))
        }
    }

    /// Looks for the pattern in all writable memory of this process. That it is found once while the buffer lives
    /// shows that the search finds what is there.
    @Test func `neither growing nor releasing leaves a copy`() throws {
        let pattern = MaskedPattern(seed: 0x5EC2)
        var buffer: WipedBuffer? = WipedBuffer(capacity: 16)
        pattern.forEachByte { buffer?.append($0) }
        for _ in 0..<1000 { buffer?.append(0) }
        #expect(try pattern.copiesInMemory() == 1)
        #expect(buffer?.count == MaskedPattern.length + 1000)
        buffer = nil
        #expect(try pattern.copiesInMemory() == 0)
    }

    private func bytes(of buffer: WipedBuffer) -> [UInt8] {
        buffer.withBytes { span in span.withUnsafeBytes { Array($0) } }
    }
}

/// Bytes to search for that are themselves nowhere in memory: they are kept combined with a mask.
private struct MaskedPattern {
    static let length = 64
    /// Only this part is searched for: the allocator writes its lists over the start of what is released.
    private static let searched = 32..<64
    private static let mask: UInt8 = 0xA5
    private let masked: [UInt8]

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        masked = (0..<Self.length).map { _ in UInt8.random(in: 1...255, using: &generator) }
    }

    func forEachByte(_ body: (UInt8) -> Void) {
        for byte in masked { body(byte ^ Self.mask) }
    }

    func copiesInMemory() throws -> Int {
        let memory = open("/proc/self/mem", O_RDONLY)
        try #require(memory >= 0, "no /proc/self/mem")
        defer { close(memory) }
        // Read through one window that is wiped afterwards and not searched itself.
        let window = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer {
            window.initializeMemory(as: UInt8.self, repeating: 0)
            window.deallocate()
        }
        let own = UInt(bitPattern: window.baseAddress)..<UInt(bitPattern: window.baseAddress) + UInt(window.count)
        var copies = 0
        for region in try Self.writableRegions() {
            var start = region.lowerBound
            while start < region.upperBound {
                if own.contains(start) { start = own.upperBound; continue }
                let end = own.lowerBound > start ? min(region.upperBound, own.lowerBound) : region.upperBound
                let read = pread(memory, window.baseAddress, min(window.count, Int(end - start)), off_t(start))
                guard read > 0 else { break }
                copies += count(in: UnsafeRawBufferPointer(rebasing: window[..<read]))
                // The next window overlaps, for a pattern across the border.
                start += UInt(read == Int(end - start) ? read : max(read - Self.searched.count + 1, 1))
            }
        }
        return copies
    }

    private func count(in bytes: UnsafeRawBufferPointer) -> Int {
        let sought = masked[Self.searched]
        guard let base = bytes.baseAddress, let first = sought.first else { return 0 }
        var (copies, from) = (0, 0)
        while from + sought.count <= bytes.count,
            let hit = memchr(base + from, Int32(first ^ Self.mask), bytes.count - sought.count + 1 - from)
        {
            let index = UnsafeRawPointer(hit) - base
            if zip(sought, bytes[index...]).allSatisfy({ $0 == $1 ^ Self.mask }) { copies += 1 }
            from = index + 1
        }
        return copies
    }

    /// Without the terabytes that a sanitizer reserves for its shadow.
    private static func writableRegions() throws -> [Range<UInt>] {
        try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 1, words[1].hasPrefix("rw") else { return nil }
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, ends[1] - ends[0] < 1 << 30 else { return nil }
            return ends[0]..<ends[1]
        }
    }
}
