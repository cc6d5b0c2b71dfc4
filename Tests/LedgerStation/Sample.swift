import KeyProvision
import SecretFormats

/// Keys, attempts and entries as the processes make them.
enum Sample {
    static func key(_ serial: Int) -> KeyIdentity {
        KeyIdentity(family: "ykoath", model: "yubikey5", serial: String(serial), firmware: "5.4.3", isVirtual: true)
    }

    static func attempt(on key: KeyIdentity, account: String, run: any LedgerRun) throws -> Attempt {
        Attempt(
            id: try Attempt.ID(from: SystemRandom()), run: run.id, key: key, slot: nil,
            terms: CredentialTerms(
                label: try Label(issuer: "Example", account: account), kind: .totp(period: 30), algorithm: .sha1,
                digits: 6),
            sealedSecret: sealed)
    }

    /// As long as the record of a secret of 20 bytes.
    static let sealed = [UInt8](repeating: 0x5A, count: 49)
    static let dataKey = Array("a sealed data key".utf8)
    static let batch = "admins"

    static func entry(_ number: Int) -> RosterEntry {
        RosterEntry(
            account: "account\(number)@example.org", issuer: "Example", owner: "Person \(number)",
            email: "person\(number)@example.org", department: "Department \(number % 40)")
    }
}
