import ArgumentParser
import ByteBuffers
import SecretFormats
import SheetJobs

/// A template that comes with the program, by its name, or one of the user's, by its file.
struct TemplateName: ExpressibleByArgument, Hashable {
    let name: String

    static let sheet = TemplateName(.sheet)

    private static let longest = Template.longest + 1

    init(_ template: BuiltInTemplate) { name = template.rawValue }
    init?(argument: String) { name = argument }

    var defaultValueDescription: String { name }
    static var allValueStrings: [String] { BuiltInTemplate.allCases.map(\.rawValue) + ["FILE"] }
    static let defaultCompletionKind = CompletionKind.words({ BuiltInTemplate.allCases.map(\.rawValue) }, orFiles: [])

    /// The text, and what it says, so that a mistake in it is found before anything else is done.
    func read(_ language: SheetLanguage) throws -> (text: [UInt8], template: Template) {
        let text: [UInt8]
        if let builtIn = BuiltInTemplate(rawValue: name) {
            text = Array(builtIn.text.utf8)
        } else {
            text = try Files.read(name, limit: Self.longest).withBytes { [UInt8](copying: $0) }
        }
        do throws(TemplateError) {
            return (text, try Template(parsing: text, language: language))
        } catch {
            throw CommandFailure.template(error, path: name)
        }
    }
}
