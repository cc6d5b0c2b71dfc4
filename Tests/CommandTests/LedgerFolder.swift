import ArgumentParser
import ByteBuffers
import Foundation
import KeyProvision
import SecretFormats
import TestSupport
import Testing

@testable import keyprov

/// A folder with a ledger in it, and eyes for what lies there.
final class LedgerFolder {
    let stage: Stage

    init() throws { stage = try Stage() }

    var ledger: String { path(".local/state/keyprov/ledger.db") }

    func path(_ name: String) -> String { stage.folder.path + "/" + name }
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }
    /// The files that SQLite keeps beside the ledger come and go.
    func namesBesideLedger() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: stage.folder.path))
    }

    func run(_ arguments: String...) -> Stage.Result { run(arguments) }
    func run(_ arguments: [String]) -> Stage.Result { stage.run(["ledger"] + arguments) }

    /// Writes a secret to a virtual key of the account's name, or to the one that is attached.
    ///
    /// - Returns: the secret in base32.
    @discardableResult
    func enroll(_ account: String, _ options: [String] = []) throws -> String {
        let key = stage.keys.isEmpty ? ["--virtual", "yubikey5:\(account)"] : []
        let result = stage.run(["enroll", "--account", account, "--json", "--qr", "none"] + key + options)
        try #require(result.status == 0, "\(result.speech)")
        let document = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        return try #require((document?["secret"] as? [String: Any])?["base32"] as? String)
    }

    /// Exports all entries as URIs, with so many in memory at a time.
    ///
    /// - Parameter meanwhile: between the file and its marks in the ledger.
    func export(
        to name: String, pageLength: Int, meanwhile: ((any Ledger) throws -> Void)? = nil
    ) throws -> (written: Int, unmarked: Int) {
        var world = World()
        world.random = stage.random
        return try World.$current.withValue(world) {
            let global = try GlobalOptions.parse([])
            let place = try LedgerOptions.parse(["--ledger", self.ledger])
            var ledger = try OpenLedger(LedgerStore(place, global))
            ledger.pageLength = pageLength
            let export = LedgerExport(
                ledger, OTPAuthFormat(), EncodingOptions(random: world.random),
                additions: try RecordAdditions.parse([]),
                includesExported: true, includesVirtual: true)
            let survey = try export.survey()
            let opener = LedgerOpener(ledger, try OpeningOptions.parse([]).keys(for: ledger))
            let file = try BatchFile(path(name), format: OTPAuthFormat(), hasManifest: true, created: 0)
            let summary = try export.write(
                to: file, openedBy: opener, allowsDuplicates: false,
                progress: ProgressLine(total: survey.count, console: global.console))
            try file.commit()
            guard let meanwhile else { return (summary.entries.count, 0) }
            try meanwhile(ledger.ledger)
            return (summary.entries.count, try export.markExported(summary.entries))
        }
    }

    /// Runs a statement of SQL behind the ledger's back; what it selects is returned in hexadecimal digits, a row a line.
    @discardableResult
    func sql(_ statement: String) throws -> [[UInt8]] {
        let program = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for row in db.execute(sys.argv[2]).fetchall():
                value = row[0]
                print((value if isinstance(value, bytes) else str(value).encode()).hex())
            db.commit()
            """
        let output = try #require(OutsideProgram("python3")).run(["-c", program, ledger, statement])
        return try String(decoding: output, as: UTF8.self).split(separator: "\n").map { line in
            try WipedBuffer(line.utf8).withBytes { (text: RawSpan) throws(FormatError) in try Hex.decode(text) }
                .withBytes { [UInt8](copying: $0) }
        }
    }

    /// The sealed data key of the latest run.
    func putDataKey(into name: String) throws {
        let key = try #require(try sql("SELECT data_key FROM runs WHERE data_key IS NOT NULL ORDER BY id DESC").first)
        try Data(key).write(to: URL(fileURLWithPath: path(name)))
    }

    /// Files in the folder of the ledger that have these bytes in them.
    func files(with bytes: [UInt8]) throws -> [String] {
        let folder = URL(fileURLWithPath: ledger).deletingLastPathComponent()
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().filter { name in
            guard let contents = try? Data(contentsOf: folder.appendingPathComponent(name)) else { return false }
            return contents.range(of: Data(bytes)) != nil
        }
    }

    /// The ways in which a secret could lie somewhere in clear.
    static func spellings(of base32: String) throws -> [[UInt8]] {
        let secret = try WipedBuffer(base32.utf8).withBytes { (text: RawSpan) throws(FormatError) in
            try Base32.decode(text)
        }.withBytes { [UInt8](copying: $0) }
        let hexadecimal = hex(secret)
        return [
            Array(base32.utf8), Array(base32.lowercased().utf8), secret, Array(hexadecimal.utf8),
            Array(hexadecimal.uppercased().utf8), Array(Data(secret).base64EncodedString().utf8),
        ]
    }
}
