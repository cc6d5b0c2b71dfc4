import Foundation
import TestSupport
import Testing

/// One recorded or computed exchange in the YKOATH dialect of another maker.
struct OATHDialectVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
        let apdu: String
        let response: String

        var command: [UInt8] { bytes(hex: apdu) ?? [] }
        var answer: [UInt8] { bytes(hex: response) ?? [] }
    }

    let id: String
    let steps: [Step]?
    let secret: String?
    let code: String?
    let password: String?
    let accessKey: String?
    let salt: String?
    let deviceCodes: [String]?
    let rfc4226Codes: [String]?
    let firstCode: [String: String]?
    let imf: UInt8?

    var testDescription: String { id }
    var isCanoKey: Bool { id.hasPrefix("canokey-") && steps != nil }

    static let all: [OATHDialectVector] = {
        struct File: Decodable { let vectors: [OATHDialectVector] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let url = Bundle.module.url(forResource: "Vectors/oath-dialects", withExtension: "json"),
            let data = try? Data(contentsOf: url), let file = try? decoder.decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }()

    static func named(_ id: String) throws -> OATHDialectVector { try #require(all.first { $0.id == id }) }
}
