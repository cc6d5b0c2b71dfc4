import Foundation
import TestSupport
import Testing

/// One recorded exchange with the secrets application of a Nitrokey 3, over both of its interfaces.
struct SecretsVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
        struct Message: Decodable, Sendable {
            let dir: String
            let hex: String
        }

        let payload: String?
        /// Status word first.
        let response: String?
        let ctaphidOut: [String]
        let ctaphidIn: [String]
        let ccid: [Message]?
    }

    let id: String
    let steps: [Step]
    let code: String?

    var testDescription: String { id }

    static let all: [SecretsVector] = {
        struct File: Decodable { let vectors: [SecretsVector] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let url = Bundle.module.url(forResource: "nitrokey3", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? decoder.decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }()

    static func named(_ id: String) throws -> SecretsVector { try #require(all.first { $0.id == id }) }
}
