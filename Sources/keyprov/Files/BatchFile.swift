import ByteBuffers
import Sealing
import SecretFormats

/// A file of records that a server will read, and its manifest beside it: what is in the file, without a secret. Lines of
/// JSON, so that a million records need no more memory than one:
///
///     {"record":1,"serial":"KP1","manufacturer":null,"model":null,"owner":"alice","credential":{…}}
///     …
///     {"file":"tokens.csv","format":"entra","created":"2026-11-22 10:00:00 UTC","count":2,"sha256":"…"}
///
/// The manifest takes its place first, so that there is never a batch file that nobody keeps track of.
final class BatchFile {
    private let file: ExportFile
    private let manifest: NewFile?
    private let summary: Summary
    private var lines = JSONWriter()
    private var count = 0

    static let suffix = ".manifest.jsonl"
    /// Bytes of lines that are put together before they are written.
    private static let blockLength = 1 << 16

    private struct Summary {
        let name: String
        let format: String
        let created: UInt64
    }

    /// - Parameters:
    ///   - sealer: what the file goes through; the manifest stays in clear.
    ///   - created: seconds since 1970.
    init(
        _ path: String, format: any SecretFormat, hasManifest: Bool, sealer: SealedFileWriter? = nil, created: UInt64
    ) throws {
        summary = Summary(
            name: path.split(separator: "/").last.map(String.init) ?? path, format: format.name, created: created)
        file = try ExportFile(path, sealer: sealer)
        manifest = hasManifest ? try NewFile(path + Self.suffix) : nil
    }

    /// A record that is in the blocks that are written.
    func note(_ record: TokenRecord) throws(FileError) {
        count += 1
        guard let manifest else { return }
        lines.object {
            lines.key("record")
            lines.value(count)
            lines.key("serial")
            lines.value(record.serial)
            lines.key("manufacturer")
            lines.value(record.manufacturer)
            lines.key("model")
            lines.value(record.model)
            lines.key("owner")
            lines.value(record.owner)
            lines.key("credential")
            if let credential = record.credential { lines.value(credential) } else { lines.null() }
        }
        lines.endLine()
        if lines.buffer.count >= Self.blockLength { try writeLines(to: manifest) }
    }

    func write(_ block: WipedBuffer) throws { try file.write(block) }

    /// Puts both files in place.
    func commit() throws {
        let digest = try file.finish()
        if let manifest {
            let sum = Hex.encode(Secret(WipedBuffer(digest)))
            lines.object {
                lines.key("file")
                lines.value(summary.name)
                lines.key("format")
                lines.value(summary.format)
                lines.key("created")
                lines.value(UTC.text(summary.created))
                lines.key("count")
                lines.value(count)
                lines.key("sha256")
                lines.value(sum)
            }
            lines.endLine()
            try writeLines(to: manifest)
            try manifest.commit()
        }
        try file.commit()
    }

    private func writeLines(to manifest: NewFile) throws(FileError) {
        try manifest.write(lines.buffer)
        lines = JSONWriter()
    }
}

extension SecretFormat {
    /// Whether its files are deliveries of tokens for a server, told by their serial numbers, and not somebody's accounts.
    var isForTokenBatches: Bool { limits.carried.contains(.serial) }
}
