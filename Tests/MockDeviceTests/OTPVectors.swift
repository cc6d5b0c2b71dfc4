import Foundation
import TestSupport
import Testing

/// One recorded exchange with the OTP application, or a value that it computes.
struct OTPVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Report: Decodable, Sendable {
        let dir: String
        let hex: String

        var isGet: Bool { dir == "get" }
        var bytes: [UInt8] { TestSupport.bytes(hex: hex) ?? [] }
    }

    let id: String
    let reports: [Report]?
    let payload: String?
    let slotCommand: String?
    let key: String?
    let challenge: String?
    let time: UInt64?
    let hmac: String?
    let code: String?
    let crc64Zero: String?
    let residual: String?

    var testDescription: String { id }

    /// Both directions were recorded.
    var isExchange: Bool { reports?.contains(where: \.isGet) == true }
    /// Published frames without answers.
    var isFrame: Bool { reports.map { !$0.contains(where: \.isGet) } ?? false }

    static let all: [OTPVector] = {
        struct File: Decodable { let vectors: [OTPVector] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let url = Bundle.module.url(forResource: "yubikey-otp", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? decoder.decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }()

    static func named(_ id: String) throws -> OTPVector { try #require(all.first { $0.id == id }) }
}
