import ByteBuffers
import DirectoryExchange
import SecretFormats

/// The people of a directory, brought by `keyprov-directory`: libldap and what it loads stay out of this program.
enum DirectoryRoster {
    struct Found {
        let entries: Int
        /// References to other servers, which were not followed.
        let references: Int
    }

    /// Searches, and writes the entries as lines of JSON.
    static func search(
        _ request: DirectoryRequest, password: Secret?, into file: SpoolFile
    ) throws -> Found {
        var input: WipedBuffer? = WipedBuffer()
        password?.withBytes { input?.append(contentsOf: $0) }
        var held = WipedBuffer()
        let status = try CompanionProgram.directory.run(
            request.arguments, inheritsEnvironment: false,
            feed: {
                defer { input = nil }
                return input
            },
            take: { block in
                held.append(contentsOf: block)
                held = try write(held, into: file)
            })
        let line = held.withBytes { String(decoding: $0) }
        switch DirectoryOutcome(line: line) {
        case .done(let entries, let references)? where status == 0:
            return Found(entries: entries, references: references)
        case .failed(let failure)?: throw RosterFailure.directory(failure, url: request.url)
        default: throw CommandFailure.companionFailed(CompanionProgram.directory.name)
        }
    }

    /// Writes all but the last line, which may be that of the outcome or not whole yet.
    ///
    /// - Returns: that line.
    private static func write(_ held: WipedBuffer, into file: SpoolFile) throws(FileError) -> WipedBuffer {
        let (lines, rest) = (WipedBuffer(capacity: held.count), WipedBuffer())
        held.withBytes { bytes in
            var start = max(bytes.byteCount - 1, 0)
            while start > 0, bytes.byte(at: start - 1) != UInt8(ascii: "\n") { start -= 1 }
            lines.append(contentsOf: bytes.extracting(0..<start))
            rest.append(contentsOf: bytes.extracting(start..<bytes.byteCount))
        }
        if !lines.isEmpty { try file.write(lines) }
        return rest
    }
}
