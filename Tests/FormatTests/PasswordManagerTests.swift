import ByteBuffers
import SecretFormats
import TestSupport
import Testing

/// Exports of apps and password managers that hold more than one-time passwords, or less than their accounts need.
@Suite struct PasswordManagerTests {
    @Test func `A record of FreeOTP+ with the name of another is refused`() throws {
        let format = try #require(FormatList.named("freeotp-plus"))
        let writer = try format.writer()
        let output = WipedBuffer()
        try writer.start(into: output)
        let record = try #require(BackupTests.records().first)
        try writer.append(record, into: output)
        #expect(throws: FormatError(.unsupported, .sameName, field: .account, record: 2)) {
            try writer.append(record, into: output)
        }
        try writer.end(into: output)
        #expect(output.exposedText.hasSuffix("],\"tokenOrder\":[\"Example:alice@example.com\"]}\n"))
    }

    @Test func `What a password manager holds beside is reported`() throws {
        let cases: [(String, String, Set<FormatError.Field>)] = [
            ("bitwarden", "all-kinds-of-entries", [.otherEntries, .note, .password]),
            ("bitwarden-csv", "quotes-and-lines", [.otherEntries, .note, .password]),
            ("keepassxc", "exported-by-keepassxc", [.deletedEntries, .password]),
            ("proton", "two", [.note]), ("duo-mobile", "three", [.otherEntries]),
        ]
        for (name, vector, fields) in cases {
            let format = try #require(FormatList.named(name))
            let file = try #require(FormatVector.all(for: format).first { $0.name == "\(name)/\(vector)" })
            let reader = try format.reader(of: BufferSource(WipedBuffer(file.input)))
            while try reader.next() != nil {}
            #expect(reader.leftOut == fields, "\(name)")
        }
    }
}
