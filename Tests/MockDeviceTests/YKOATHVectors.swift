import Foundation
import TestSupport
import Testing

/// One recorded exchange of the YKOATH protocol.
struct YKOATHVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
        let apdu: String
        let response: String?
        let ccidOut: String?
        let ccidIn: String?
    }

    let id: String
    let steps: [Step]?
    let secret: String?
    let time: UInt64?
    let code: String?
    let password: String?
    let salt: String?
    let key: String?
    let accessKey: String?
    let deviceId: String?

    var testDescription: String { id }

    /// What follows the name of the key that was recorded.
    var operation: String { String(id.split(separator: "-").dropFirst(3).joined(separator: "-")) }
    var isNEO: Bool { id.hasPrefix("yk-oath-neo-") }

    static let all: [YKOATHVector] = {
        struct File: Decodable { let vectors: [YKOATHVector] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let url = Bundle.module.url(forResource: "yubikey-oath", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? decoder.decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }()

    static func named(_ id: String) throws -> YKOATHVector { try #require(all.first { $0.id == id }) }
}
