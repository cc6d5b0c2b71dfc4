import Foundation
import TestSupport
import Testing

/// One recorded exchange of libnitrokey with a Nitrokey Pro or Storage of one firmware.
struct NitrokeyVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Report: Decodable, Sendable {
        let dir: String
        let hex: String
        var bytes: [UInt8] { TestSupport.bytes(hex: hex) ?? [] }
    }

    let id: String
    let description: String
    let reports: [Report]?
    let zero60: String?
    let counting60: String?

    var testDescription: String { id }

    /// `pro15`, `pro7`, `st54` or `st53`.
    var firmware: String { id.split(separator: "-").dropFirst().first.map(String.init) ?? "" }

    static let all: [NitrokeyVector] = {
        struct File: Decodable { let vectors: [NitrokeyVector] }
        guard let url = Bundle.module.url(forResource: "nitrokeypro", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }()

    static let exchanges = all.filter { $0.reports != nil }
    static func named(_ id: String) throws -> NitrokeyVector { try #require(all.first { $0.id == id }) }
}
