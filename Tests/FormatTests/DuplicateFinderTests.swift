import ByteBuffers
import SecretFormats
import TestSupport
import Testing

@testable import SecretFormats

/// Duplicates in a batch: found wherever they stand, and never where there are none.
@Suite struct DuplicateFinderTests {
    private func record(_ number: Int, serial: String? = nil, secret: Int? = nil) throws -> TokenRecord {
        let bytes = withUnsafeBytes(of: (secret ?? number).bigEndian, Array.init)
        return TokenRecord(
            serial: serial ?? "KP\(number)",
            credential: try Credential(
                label: Label(issuer: nil, account: "user \(number)"), kind: .totp(period: 30),
                secret: Secret(WipedBuffer(bytes + bytes))))
    }

    private func duplicate(
        in records: [TokenRecord], looksAtSerials: Bool = true, expecting: Int? = nil
    ) throws -> FormatError? {
        var finder = DuplicateFinder(looksAtSerials: looksAtSerials, expecting: expecting ?? records.count)
        for record in records { finder.note(record) }
        guard finder.needsSecondReading else { return nil }
        do throws(FormatError) {
            for (index, record) in records.enumerated() { try finder.confirm(record, number: index + 1) }
            return nil
        } catch {
            return error
        }
    }

    @Test func `the second record with a secret is named, and the first one`() throws {
        let records = try [record(1), record(2), record(3, secret: 1), record(4)]
        let error = try #require(try duplicate(in: records))
        #expect(error.description == "record 3: secret: the same as in record 1")
        #expect(error.code == .duplicate)
    }

    @Test func `serial numbers are looked at where a server goes by them`() throws {
        let records = try [record(1), record(2, serial: "KP1")]
        #expect(try duplicate(in: records)?.field == .serial)
        #expect(try duplicate(in: records, looksAtSerials: false) == nil)
    }

    @Test func `a serial number that reads like a secret is not one`() throws {
        let text = Secret(WipedBuffer("12345678".utf8))
        let credential = try Credential(
            label: Label(issuer: nil, account: "a"), kind: .totp(period: 30), secret: text)
        let other = try record(2, serial: "12345678")
        #expect(try duplicate(in: [TokenRecord(serial: "1", credential: credential), other]) == nil)
    }

    @Test func `a filter that is far too small finds every duplicate and nothing else`() throws {
        var records = try (1...20_000).map { try record($0) }
        #expect(try duplicate(in: records, expecting: 1) == nil)
        records.append(try record(20_001, serial: "KP7"))
        #expect(
            try duplicate(in: records, expecting: 1)?.description == "record 20001: serial: the same as in record 7")
    }

    @Test func `a filter of the right size wants no second reading`() throws {
        var finder = DuplicateFinder(looksAtSerials: true, expecting: 20_000)
        for number in 1...20_000 { finder.note(try record(number)) }
        #expect(!finder.needsSecondReading)
    }

    @Test func `Yubico OTP keys count too`() throws {
        let key = try YubicoOTPCredential(
            publicID: [1], privateID: Secret(WipedBuffer([0, 0, 0, 0, 0, 1])),
            key: Secret(WipedBuffer([UInt8](repeating: 7, count: 16))))
        let records = [
            TokenRecord(serial: "1", content: .yubicoOTP(key)), TokenRecord(serial: "2", content: .yubicoOTP(key)),
        ]
        #expect(try duplicate(in: records)?.field == .secret)
    }
}
