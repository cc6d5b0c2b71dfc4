import ByteBuffers
import Sealing
import SecretFormats

/// A new file of secrets, sealed on its way to the disk where that was asked for: then nothing of it is ever there in clear.
final class ExportFile {
    private let file: NewFile
    private let sealer: SealedFileWriter?
    private let digest: StreamingDigest
    private var hasStarted = false

    init(_ path: String, sealer: SealedFileWriter? = nil) throws {
        file = try NewFile(path)
        self.sealer = sealer
        digest = try StreamingDigest(.sha256)
    }

    func write(_ block: WipedBuffer) throws {
        guard let sealer else { return try put(block) }
        let sealed = WipedBuffer(capacity: block.count)
        start(sealer, into: sealed)
        try sealer.append(block, into: sealed)
        try put(sealed)
    }

    /// Writes what is left. The SHA-256 of the file as it lies on the disk.
    func finish() throws -> [UInt8] {
        if let sealer {
            let sealed = WipedBuffer()
            start(sealer, into: sealed)
            try sealer.end(into: sealed)
            try put(sealed)
        }
        return try digest.finish()
    }

    /// Puts the file in place; to be called after `finish`.
    func commit() throws(FileError) { try file.commit() }

    private func start(_ sealer: SealedFileWriter, into output: WipedBuffer) {
        if !hasStarted { sealer.start(into: output) }
        hasStarted = true
    }

    private func put(_ block: WipedBuffer) throws {
        try file.write(block)
        try digest.update(block)
    }
}
