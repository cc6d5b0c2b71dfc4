import ByteBuffers
import Sealing
import SecretFormats

/// Where `seal` and `open` write: a new file, or the standard output.
final class SealedTarget {
    static let standardOutput = "-"
    /// The standard input is held in memory, since it can be read only once.
    static let inputLimit = 64 << 20
    static let passphraseLimit = 4096

    private enum Place {
        case file(ExportFile, path: String)
        case output(SealedFileWriter?)
    }

    private let place: Place
    private let console: Console
    private var count = 0

    init(_ path: String, sealer: SealedFileWriter?, console: Console) throws {
        self.console = console
        guard path == Self.standardOutput else {
            place = .file(try ExportFile(path, sealer: sealer), path: path)
            return
        }
        place = .output(sealer)
        if let sealer { try print { output in sealer.start(into: output) } }
    }

    /// - Parameter block: of the plaintext.
    func write(_ block: WipedBuffer) throws {
        try World.current.checkInterruption()
        count += block.count
        switch place {
        case .file(let file, _): try file.write(block)
        case .output(nil): try console.data(block)
        case .output(let sealer?): try print { output in try sealer.append(block, into: output) }
        }
    }

    /// Writes what is left, puts a file in place and tells of it.
    func finish(verb: String, from source: String, asJSON: Bool) throws {
        switch place {
        case .output(nil): break
        case .output(let sealer?): try print { output in try sealer.end(into: output) }
        case .file(let file, let path):
            let sum = try file.finish()
            try file.commit()
            console.note("\(verb) '\(source)' into '\(path)'")
            guard asJSON else { return }
            try console.document { json in
                json.key("out")
                json.value(path)
                json.key("bytes")
                json.value(count)
                json.key("sha256")
                json.value(Hex.encode(Secret(WipedBuffer(sum))))
            }
        }
    }

    private func print(_ body: (WipedBuffer) throws -> Void) throws {
        let output = WipedBuffer()
        try body(output)
        try console.data(output)
    }
}

extension ByteSource {
    /// Reads to the end, with the cause where that fails.
    func forEachBlock(_ body: (WipedBuffer) throws -> Void) throws {
        while true {
            let block = WipedBuffer(capacity: 1 << 17)
            do throws(FormatError) { try read(into: block) } catch {
                throw (self as? any ExplainedSource)?.cause ?? error
            }
            if block.isEmpty { return }
            try body(block)
        }
    }
}
