import Foundation
import TestSupport
import Testing

/// Recorded commands to a card, each with its answer.
struct APDUVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
        let apdu: String
        let response: String

        var command: [UInt8] { TestSupport.bytes(hex: apdu) ?? [] }
        var answer: [UInt8] { TestSupport.bytes(hex: response) ?? [] }
    }

    let id: String
    let steps: [Step]

    var testDescription: String { id }

    /// Those of a file in `Vectors`.
    static func all(in name: String) -> [APDUVector] {
        struct File: Decodable { let vectors: [APDUVector] }
        guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }
}
