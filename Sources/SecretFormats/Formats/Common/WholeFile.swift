internal import ByteBuffers

/// Files that have to be in memory as a whole: backups of one person's accounts, not deliveries of a million tokens.
enum WholeFile {
    /// Bytes; a backup of ten thousand accounts with icons stays below.
    static let longest = 64 << 20

    static func read(_ source: any ByteSource) throws(FormatError) -> WipedBuffer {
        let file = WipedBuffer(capacity: 1 << 16)
        while true {
            let count = file.count
            try source.read(into: file)
            if file.count == count { return file }
            guard file.count <= longest else { throw FormatError(.unsupported, .fileTooLong) }
        }
    }
}

extension FormatError.Reason {
    public static let fileTooLong: Self = "a file of more than 64 MiB"
}
