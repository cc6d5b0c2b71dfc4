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

    /// Parameters of a URI that no record holds, in each place where such a URI may stand.
    @Test(arguments: [
        ("bitwarden", #"{"encrypted":false,"items":[{"name":"a","login":{"totp":"URI"}}]}"#),
        ("bitwarden-csv", "folder,favorite,type,name,login_username,login_totp\n,,login,a,b,URI\n"),
        (
            "keepassxc",
            "<KeePassFile><Root><Group><Entry><String><Key>otp</Key><Value>URI</Value></String></Entry></Group></Root></KeePassFile>"
        ),
        ("proton", #"{"version":1,"entries":[{"content":{"uri":"URI","entry_type":"Totp","name":"a"}}]}"#),
    ]) func `A parameter that no record holds is reported`(name: String, file: String) throws {
        let format = try #require(FormatList.named(name))
        for (parameters, fields) in [("", Set<FormatError.Field>()), ("%26icon=x", [.parameter])] {
            let uri =
                "otpauth://totp/Example:alice?secret=GEZDGNBV"
                + parameters.replacing("%26", with: name == "keepassxc" ? "&amp;" : "&")
            let reader = try format.reader(
                of: BufferSource(WipedBuffer(file.replacing("URI", with: uri).utf8)))
            #expect(try reader.next()?.credential?.label.account == "alice")
            #expect(reader.leftOut == fields, "\(name)")
        }
    }
}
