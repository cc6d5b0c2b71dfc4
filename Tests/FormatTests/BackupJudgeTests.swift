import ByteBuffers
import Foundation
import SecretFormats
import TestSupport
import Testing

/// Python's cryptography opens the encrypted backups, by the apps' documents and without a line of ours.
enum PythonCryptography {
    /// Debian's interpreter, which has Debian's packages, or another that has them as well; nil where none has.
    static let interpreter: String? = ["/usr/bin/python3", "python3"].first { interpreter in
        (try? run(interpreter, ["-c", "import cryptography, argon2"])) != nil
    }

    static func run(_ interpreter: String, _ arguments: [String]) throws -> [UInt8] {
        try #require(OutsideProgram("env")).run([interpreter] + arguments)
    }

    /// Prints the plaintext of a file: `python3 -c PROGRAM FORMAT FILE PASSWORD`.
    static let program = """
        import base64, hashlib, json, struct, sys
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
        from argon2.low_level import Type, hash_secret_raw
        name, path, password = sys.argv[1], sys.argv[2], sys.argv[3].encode()
        data = open(path, 'rb').read()
        def aegis():
            vault = json.loads(data)
            slot = next(slot for slot in vault['header']['slots'] if slot['type'] == 1)
            key = Scrypt(bytes.fromhex(slot['salt']), 32, slot['n'], slot['r'], slot['p']).derive(password)
            opened = lambda key, text, p: AESGCM(key).decrypt(
                bytes.fromhex(p['nonce']), text + bytes.fromhex(p['tag']), None)
            master = opened(key, bytes.fromhex(slot['key']), slot['key_params'])
            return json.loads(opened(master, base64.b64decode(vault['db']), vault['header']['params']))['entries']
        def twofas():
            backup = json.loads(data)
            def opened(text):
                ciphertext, salt, nonce = map(base64.b64decode, text.split(':'))
                assert len(salt) == 256
                return AESGCM(hashlib.pbkdf2_hmac('sha256', password, salt, 10000, 32)).decrypt(nonce, ciphertext, None)
            assert backup['services'] == [] and backup['schemaVersion'] == 4
            # The SHA-256 of the text by which the app tests a password.
            assert hashlib.sha256(opened(backup['reference'])).hexdigest() == REFERENCE
            return json.loads(opened(backup['servicesEncrypted']))
        def stratum():
            assert data[:16] == b'AUTHENTICATORPRO'
            key = hash_secret_raw(password, data[16:32], 3, 65536, 4, 32, Type.ID)
            return json.loads(AESGCM(key).decrypt(data[32:44], data[44:], None))['Authenticators']
        def andotp():
            rounds, salt, nonce = struct.unpack('>i12s12s', data[:28])
            assert 140000 <= rounds <= 160000
            return json.loads(AESGCM(hashlib.pbkdf2_hmac('sha1', password, salt, rounds, 32)).decrypt(nonce, data[28:], None))
        REFERENCE = '\(reference)'
        fields = {
            'aegis': (aegis, lambda e: [e['type'], e['issuer'], e['name'], e['info']['secret'], e['info']['algo'],
                e['info']['digits'], e['info'].get('counter', e['info'].get('period'))]),
            '2fas': (twofas, lambda e: [e['otp']['tokenType'], e['otp']['issuer'], e['otp']['account'], e['secret'],
                e['otp']['algorithm'], e['otp']['digits'], e['otp'].get('counter', e['otp'].get('period'))]),
            'stratum': (stratum, lambda e: [{1: 'hotp', 2: 'totp'}[e['Type']], e['Issuer'], e['Username'], e['Secret'],
                ['SHA1', 'SHA256', 'SHA512'][e['Algorithm']], e['Digits'], e['Counter' if e['Type'] == 1 else 'Period']]),
            'andotp': (andotp, lambda e: [e['type'], e['issuer'], e['label'], e['secret'], e['algorithm'], e['digits'],
                e.get('counter', e.get('period'))]),
        }
        read, row = fields[name]
        for entry in read():
            values = [str(value) for value in row(entry)]
            print('|'.join([values[0].lower()] + values[1:]))
        """

    private static let reference = "cef0eb8ede32f858e3c6fbd8753d3f22093e57fc0d0f1f414dd97a0dba4c4d67"
}

/// One line for a record, as the programs of the judges print it.
extension TokenRecord {
    fileprivate var judged: String {
        guard let credential else { return "" }
        let (type, moving) =
            switch credential.kind {
            case .totp(let period): ("totp", "\(period)")
            case .hotp(let counter): ("hotp", "\(counter)")
            }
        return [
            type, credential.label.issuer ?? "", credential.label.account, Base32.encode(credential.secret).exposedText,
            credential.algorithm.rawValue, "\(credential.digits)", moving,
        ].joined(separator: "|")
    }
}

@Suite(.enabled(if: PythonCryptography.interpreter != nil, "python3-cryptography and python3-argon2 are not installed"))
struct BackupJudgeTests {
    @Test(arguments: BackupTests.sealed) func `Python opens the encrypted backup and finds the same accounts`(
        name: String
    ) throws {
        let password = "pässword 1"
        let file = try BackupTests.file(name, passphrase: Secret(text: password))
        let output = try withTemporaryFile(file.exposedBytes, extension: "backup") { path in
            try PythonCryptography.run(
                #require(PythonCryptography.interpreter), ["-c", PythonCryptography.program, name, path, password])
        }
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(try lines == BackupTests.records().map(\.judged))
    }
}

/// What people use who have lost the phone and kept the backup.
@Suite(.enabled(if: OutsideProgram.isInstalled("andotp_decrypt"), "andotp-decrypt is not installed"))
struct AndOTPJudgeTests {
    @Test func `andotp-decrypt opens the encrypted backup`() throws {
        let file = try BackupTests.file("andotp", passphrase: Secret(text: "pässword 1"))
        let output = try withTemporaryFile(file.exposedBytes, extension: "json.aes") { path in
            try #require(OutsideProgram("andotp_decrypt")).run([path], input: Array("pässword 1\n".utf8))
        }
        let read = try WipedBuffer(output).withBytes { (bytes: RawSpan) throws(FormatError) in
            try FormatList.named("andotp")?.decode(bytes)
        }
        #expect(try read == BackupTests.records())
        let accounts = try #require(JSONSerialization.jsonObject(with: Data(output)) as? [[String: Any]])
        #expect(
            accounts.map { $0["secret"] as? String } == [
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "MFXG65DIMVZCA43FMNZGK5A", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            ])
        #expect(accounts.map { $0["label"] as? String } == ["alice@example.com", "bob", "carol"])
    }
}
