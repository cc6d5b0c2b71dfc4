import ByteBuffers
import Foundation
import Glibc
import Testing

@testable import keyprov

/// Files that appear whole or not at all, whatever happens to the process.
@Suite final class NewFileTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("keyprov-new-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private var path: String { folder.path + "/secrets" }

    private func names() throws -> [String] { try Files.names(in: folder.path) }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private static var hasNamelessFiles: Bool {
        let folder = FileManager.default.temporaryDirectory.path
        guard let descriptor = NewFile.openNameless(in: folder) else { return false }
        close(descriptor)
        return true
    }

    @Test(.enabled(if: hasNamelessFiles, "the file system has none"), arguments: [true, false])
    func `A file that is being written has no name that a killed process could leave behind`(replaces: Bool) throws {
        if replaces { try Data("old".utf8).write(to: URL(fileURLWithPath: path)) }
        let before = try names()
        let file = try NewFile(path, replaces ? .replacing : .exclusive)
        try file.write(WipedBuffer(Array("new".utf8)))
        #expect(try names() == before)
        try file.commit()
        #expect(try names() == ["secrets"])
        #expect(try text() == "new")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `A name that is taken in the meantime is not written over`() throws {
        let file = try NewFile(path)
        try file.write(WipedBuffer(Array("new".utf8)))
        try Data("theirs".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: FileError(.create, path, number: EEXIST)) { try file.commit() }
        #expect(try text() == "theirs")
        #expect(throws: FileError(.create, path, number: EEXIST)) { try NewFile(path) }
        #expect(try names() == ["secrets"])
    }

    @Test func `A folder that is missing shows before anything is written`() throws {
        let path = folder.path + "/none/secrets"
        #expect(throws: FileError(.create, path, number: ENOENT)) { try NewFile(path) }
    }
}
