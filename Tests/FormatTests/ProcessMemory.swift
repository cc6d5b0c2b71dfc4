import Glibc
import Testing

/// Looks for bytes in the writable memory of this very process, through procfs.
enum ProcessMemory {
    /// How often the bytes occur whose bitwise complement is `complement`.
    ///
    /// The needle is given complemented, and compared so, because otherwise it would find itself.
    static func occurrences(ofComplement complement: [UInt8]) throws -> Int {
        let memory = open("/proc/self/mem", O_RDONLY)
        try #require(memory >= 0)
        defer { close(memory) }
        // The window is one mapping of its own that is left out: it holds copies of what was read.
        let windowSize = 1 << 20
        let window = try #require(
            mmap(nil, windowSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(window, windowSize) }
        let windowStart = UInt(bitPattern: window)
        var found = 0
        for region in try writableRegions() {
            var address = region.lowerBound
            while address < region.upperBound {
                // The kernel may join the window and its neighbors into one region; step around it.
                if (windowStart..<windowStart + UInt(windowSize)).contains(address) {
                    address = windowStart + UInt(windowSize)
                    continue
                }
                let limit = address < windowStart ? min(region.upperBound, windowStart) : region.upperBound
                let count = pread(memory, window, min(windowSize, Int(limit - address)), off_t(address))
                guard count > 0 else {
                    // Another thread has given this page back since the map was read; what follows may be there yet.
                    address += UInt(getpagesize())
                    continue
                }
                let bytes = UnsafeRawBufferPointer(start: window, count: count)
                found += occurrences(ofComplement: complement, in: bytes)
                // Windows overlap, so that a pattern on the border is seen.
                let isLast = address + UInt(count) >= limit
                address += UInt(isLast || count <= complement.count ? count : count - complement.count + 1)
            }
        }
        return found
    }

    private static func occurrences(ofComplement complement: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress, let first = complement.first else { return 0 }
        var found = 0
        var offset = 0
        while offset + complement.count <= bytes.count,
            let hit = memchr(base + offset, CInt(~first), bytes.count - complement.count + 1 - offset)
        {
            offset = UnsafeRawPointer(hit) - base
            if complement.indices.allSatisfy({ ~bytes[offset + $0] == complement[$0] }) { found += 1 }
            offset += 1
        }
        return found
    }

    /// Address ranges that can be written, from the process' map. The shadow of a sanitizer (terabytes) is left out.
    private static func writableRegions() throws -> [Range<UInt>] {
        try map().split(separator: "\n").compactMap { line in
            let columns = line.split(separator: " ")
            let ends = columns.first?.split(separator: "-").compactMap { UInt($0, radix: 16) } ?? []
            guard columns.count > 1, columns[1].hasPrefix("rw"), ends.count == 2, ends[0] < ends[1],
                ends[1] - ends[0] < 1 << 32
            else { return nil }
            return ends[0]..<ends[1]
        }
    }

    /// All of the map. The kernel hands it out in pieces, and Foundation takes the first short piece for the end.
    private static func map() throws -> String {
        let file = open("/proc/self/maps", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: Int(getpagesize()))
        while true {
            let count = read(file, &piece, piece.count)
            try #require(count >= 0)
            if count == 0 { return String(decoding: text, as: UTF8.self) }
            text += piece.prefix(count)
        }
    }
}
