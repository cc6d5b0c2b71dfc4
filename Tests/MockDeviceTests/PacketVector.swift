import Foundation
import TestSupport
import Testing

/// One recorded exchange of packets.
struct PacketVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Report: Decodable, Sendable {
        let dir: String
        let hex: String

        var isFromKey: Bool { dir == "in" }
        var bytes: [UInt8] { TestSupport.bytes(hex: hex) ?? [] }
    }

    let id: String
    let reports: [Report]

    var testDescription: String { id }
    var sent: [[UInt8]] { reports.filter { !$0.isFromKey }.map(\.bytes) }
    var received: [[UInt8]] { reports.filter(\.isFromKey).map(\.bytes) }

    /// Those of a file in `Vectors`.
    static func all(in name: String) -> [PacketVector] {
        struct File: Decodable { let vectors: [PacketVector] }
        guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }

    static func named(_ id: String, in vectors: [PacketVector]) throws -> PacketVector {
        try #require(vectors.first { $0.id == id })
    }
}
