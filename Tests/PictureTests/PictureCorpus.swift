import Foundation
import TestSupport
import Testing

/// Pictures that other people's programs drew, see `Tests/Pictures/corpus.py`.
final class PictureCorpus: Sendable {
    struct Picture: Decodable, Sendable {
        let file: String
        let treatment: String
        let texts: [String]
    }

    let folder: URL
    let pictures: [Picture]

    private static let tools = ["qrencode", "convert", "rsvg-convert"]
    /// Debian's own, which has Debian's python3-segno.
    private static let python = "/usr/bin/python3"

    /// Why there is none; nil where it can be drawn.
    static let obstacle: String? = {
        if let missing = tools.first(where: { !OutsideProgram.isInstalled($0) }) {
            return "\(missing) is not installed"
        }
        return run(["-c", "import segno"]) ? nil : "python3-segno is not installed"
    }()

    /// Drawn once in a run.
    static let shared: PictureCorpus? = try? PictureCorpus()

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyprov-corpus-\(UUID().uuidString)")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Pictures/corpus.py")
        try #require(Self.run([script.path, folder.path, "--secrets", "1"]))
        let list = try Data(contentsOf: folder.appendingPathComponent("pictures.json"))
        pictures = try JSONDecoder().decode([Picture].self, from: list)
    }

    private static func run(_ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    func bytes(_ picture: Picture) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(picture.file)))
    }
}
