internal import ByteBuffers

/// Tokens for OpenLDAP's overlay `otp` (slapo-otp, 2.5 and later), as an LDIF file for `ldapmodify`.
///
/// ```
/// dn: cn=SERIAL,ou=tokens,BASE              the token, which is its own set of parameters
/// changetype: add
/// objectClass: device, oathTOTPToken, oathTOTPParams          oathHOTPToken, oathHOTPParams
/// oathSecret:: …                            the bytes of the key
/// oathTOTPParams: cn=SERIAL,ou=tokens,BASE  oathHOTPParams
/// oathOTPLength: 6
/// oathHMACAlgorithm: 1.2.840.113549.2.7     RFC 8018, appendix B.1.2
/// oathTOTPTimeStepPeriod: 30                oathHOTPLookAhead, and oathHOTPCounter for the last counter that was used
/// oathTOTPTimeStepWindow: 1
///
/// dn: uid=OWNER,ou=people,BASE              whose simple bind then takes the password with the code behind it
/// changetype: modify
/// add: objectClass
/// objectClass: oathTOTPUser
/// -
/// add: oathTOTPToken
/// oathTOTPToken: cn=SERIAL,ou=tokens,BASE
/// -
/// ```
///
/// BASE is the realm of a record: `dc=example,dc=com` for `example.com`. With parameters of its own no token depends on
/// what an entry of a certain name happens to say in that directory, and a second file never meets the entries of the
/// first. A token that points to shared parameters is read where the file has them. Entries without a secret are none.
struct OpenLDAPFormat: SecretFormat {
    let name = "openldap"
    let summary = "LDIF for OpenLDAP's one-time password overlay"
    let judges = ["OpenLDAP"]
    /// The counter is a C long, to which the look-ahead is added.
    let limits = FormatLimits(
        readBy: "OpenLDAP", counters: 0...(Credential.counterRange.upperBound - UInt64(lookAhead) - 1),
        carried: [.owner], required: [.serial, .realm])

    /// RFC 4226 section 7.4 wants it small; a key in a pocket is pressed now and then.
    static let lookAhead = 10
    /// Steps on either side; RFC 6238 section 5.2 wants one at most.
    static let window = 1

    static let tokens = DistinguishedName.Part(type: "ou", value: "tokens")
    static let people = DistinguishedName.Part(type: "ou", value: "people")

    static func identifier(of algorithm: HashAlgorithm) -> String {
        switch algorithm {
        case .sha1: "1.2.840.113549.2.7"
        case .sha256: "1.2.840.113549.2.9"
        case .sha512: "1.2.840.113549.2.11"
        }
    }

    func recognizes(_ start: RawSpan) -> Bool {
        let lines = LineReader(BufferSource(copying: start))
        do throws(FormatError) {
            while let isEntry = try lines.next({ (line: RawSpan) -> Bool? in
                line.first == UInt8(ascii: "#")
                    ? nil : line.starts(withASCII: "dn:") || line.equals(ascii: "version: 1")
            }) {
                if let isEntry { return isEntry }
            }
        } catch {
            return false
        }
        return false
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        OpenLDAPDecoder(source)
    }

    func makeEncoder(options: EncodingOptions) -> any RecordEncoding { OpenLDAPEncoder() }
}

private final class OpenLDAPEncoder: RecordEncoding {
    func start(into output: WipedBuffer) { output.append("version: 1\n") }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        var serial = CSVWriter(separator: UInt8(ascii: ","))
        try serial.serial(record)
        // Read back, an owner is the label as well.
        _ = try Label(owner: record.login, serial: record.serial)
        let base = try DistinguishedName(realm: record.realm ?? "")
        let own = DistinguishedName.Part(type: "cn", value: record.serial ?? "")
        let token = DistinguishedName([own, OpenLDAPFormat.tokens]).under(base).text
        write(credential, serial: record.serial ?? "", token: token, to: output)
        if let login = record.login {
            let user = DistinguishedName([.init(type: "uid", value: login), OpenLDAPFormat.people]).under(base).text
            output.append("\n")
            LDIF.write("dn", user, to: output)
            output.append("changetype: modify\nadd: objectClass\nobjectClass: ")
            output.append(credential.isCounted ? "oathHOTPUser" : "oathTOTPUser")
            output.append("\n-\nadd: ")
            output.append(credential.isCounted ? "oathHOTPToken" : "oathTOTPToken")
            output.append("\n")
            LDIF.write(credential.isCounted ? "oathHOTPToken" : "oathTOTPToken", token, to: output)
            output.append("-\n")
        }
    }

    private func write(_ credential: Credential, serial: String, token: String, to output: WipedBuffer) {
        output.append("\n")
        LDIF.write("dn", token, to: output)
        output.append("changetype: add\nobjectClass: device\n")
        output.append(
            credential.isCounted
                ? "objectClass: oathHOTPToken\nobjectClass: oathHOTPParams\n"
                : "objectClass: oathTOTPToken\nobjectClass: oathTOTPParams\n")
        LDIF.write("cn", serial, to: output)
        LDIF.write("serialNumber", serial, to: output)
        LDIF.write("oathSecret", credential.secret, to: output)
        LDIF.write(credential.isCounted ? "oathHOTPParams" : "oathTOTPParams", token, to: output)
        LDIF.write("oathOTPLength", String(credential.digits), to: output)
        LDIF.write("oathHMACAlgorithm", OpenLDAPFormat.identifier(of: credential.algorithm), to: output)
        switch credential.kind {
        case .totp(let period):
            LDIF.write("oathTOTPTimeStepPeriod", String(period), to: output)
            LDIF.write("oathTOTPTimeStepWindow", String(OpenLDAPFormat.window), to: output)
        case .hotp(let counter):
            LDIF.write("oathHOTPLookAhead", String(OpenLDAPFormat.lookAhead), to: output)
            // Without one, the counter is that before 0.
            if counter > 0 { LDIF.write("oathHOTPCounter", String(counter - 1), to: output) }
        }
    }
}
