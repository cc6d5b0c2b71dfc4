import Foundation
import Testing

@testable import keyprov

/// What the documents say of profiles is what the profiles say.
@Suite struct ProfileDocumentTests {
    /// A row for each profile; on a failure the message is the row as it has to be.
    @Test(arguments: BuiltInProfiles.all.map(\.name))
    func `The tables of profiles_md are what the profiles say`(_ name: String) throws {
        let rows = try document("Docs/profiles.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == 2 * BuiltInProfiles.all.count)
        let profile = try ProfileLibrary().entry(name).profile()
        let limits = Parameter.allCases.map { Self.cell(profile.rules[$0]) }
        let qr = profile.qrForms?.value.map(\.text).joined(separator: ", ") ?? ParameterRule.unknownText
        let codes = profile.steps.compactMap(\.code?.rawValue).joined(separator: ", ")
        let known = ["`\(name)`", profile.title, profile.role.rawValue] + limits + [qr, codes.isEmpty ? "-" : codes]
        let facts = "| " + known.joined(separator: " | ") + " |"
        let saysFacts = rows.contains(facts[...])
        #expect(saysFacts, "\(facts)")
        let unknowns = profile.unknowns.isEmpty ? "-" : profile.unknowns.joined(separator: "; ")
        let sources = profile.sources.isEmpty ? "-" : profile.sources.map(\.text).joined(separator: "; ")
        let gaps = "| `\(name)` | \(unknowns) | \(sources) |"
        let saysGaps = rows.contains(gaps[...])
        #expect(saysGaps, "\(gaps)")
    }

    @Test func `adding-a-profile_md tells of each keyword, field, role and word, and its example is right`() throws {
        let text = try document("Docs/adding-a-profile.md")
        let words =
            ProfileStatement.Keyword.allCases.map(\.rawValue) + FieldName.all.map(\.rawValue)
            + Profile.Role.allCases.map(\.rawValue) + Profile.QRForm.allCases.map(\.rawValue)
            + ParameterRule.Others.allCases.map(\.rawValue) + Profile.Step.CodeUse.allCases.map(\.rawValue)
        for word in words {
            #expect(text.contains(try Regex("[`| ]\(word)[`: |,;]")), "\(word)")
        }
        let example = try #require(
            text.split(separator: "```profile\n").dropFirst().first?.split(separator: "```").first)
        let profile = try Profile(parsing: Array(example.utf8), name: "example")
        #expect(!profile.fields.isEmpty && !profile.steps.isEmpty && !profile.rules.isEmpty)
    }

    private static func cell(_ rule: ParameterRule?) -> String { rule?.text ?? ParameterRule.unknownText }

    private func document(_ name: String) throws -> String {
        try String(contentsOf: Repository.root.appendingPathComponent(name), encoding: .utf8)
    }
}
