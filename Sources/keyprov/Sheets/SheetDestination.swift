import ArgumentParser
import ByteBuffers
import SheetJobs

/// A PDF file, or pictures with their number in the name.
struct SheetFile: ExpressibleByArgument, Hashable {
    let path: String
    let output: SheetJob.Output

    private static let kinds: [(suffix: String, output: SheetJob.Output)] = [
        (".pdf", .pdf), (".png", .png), (".svg", .svg),
    ]

    init?(argument: String) {
        guard let kind = Self.kinds.first(where: { argument.lowercased().hasSuffix($0.suffix) }) else { return nil }
        (path, output) = (argument, kind.output)
    }

    static let allValueStrings = ["FILE.pdf", "FILE-{n}.png", "FILE-{n}.svg"]
    static let defaultCompletionKind = CompletionKind.file(extensions: ["pdf", "png", "svg"])

    var destination: SheetDestination { .file(path, output) }
}

/// Where pages go: to a file, or the standard output.
enum SheetDestination: ExpressibleByArgument, Hashable {
    case output
    case file(String, SheetJob.Output)

    /// In the name of a picture, the number of its page.
    static let placeholder = "{n}"

    init?(argument: String) {
        guard argument != "-" else {
            self = .output
            return
        }
        guard let file = SheetFile(argument: argument) else { return nil }
        self = file.destination
    }

    static let allValueStrings = SheetFile.allValueStrings + ["-"]
    static let defaultCompletionKind = SheetFile.defaultCompletionKind

    var output: SheetJob.Output {
        switch self {
        case .output: .pdf
        case .file(_, let output): output
        }
    }
}

/// Takes documents as they are drawn. Each file appears when it is complete, and not before its codes were read back.
final class SheetFiles {
    private let destination: SheetDestination
    private let recipients: RecipientOptions?
    private var current: ExportFile?
    /// What goes to the standard output: a program that reads it must not take a part for the whole.
    private var held = WipedBuffer()
    private(set) var count = 0

    /// Opens the first file, so that a name that cannot be written is refused before anything is drawn.
    ///
    /// - Parameter recipients: whom each file is sealed to.
    init(_ destination: SheetDestination, sealedTo recipients: RecipientOptions? = nil) throws {
        self.destination = destination
        self.recipients = recipients
        current = try open(number: 1)
    }

    func put(_ block: WipedBuffer) throws {
        if case .output = destination {
            guard held.count + block.count <= Self.heldLimit else { throw CommandFailure.pagesTooLong }
            return held.append(contentsOf: block)
        }
        if current == nil { current = try open(number: count + 1) }
        try current?.write(block)
    }

    func endDocument() throws {
        try World.current.output.write(held)
        held = WipedBuffer()
        if let current {
            _ = try current.finish()
            try current.commit()
        }
        current = nil
        count += 1
    }

    /// Some ten thousand sheets.
    private static let heldLimit = 128 << 20

    private func open(number: Int) throws -> ExportFile? {
        guard case .file(let path, let output) = destination else { return nil }
        guard number == 1 || path.contains(SheetDestination.placeholder) else {
            throw CommandFailure.usage(
                "there is more than one page, and a picture holds one",
                hints: ["put {n} into the name, which is then the number of the page, or write a PDF"])
        }
        let name =
            output == .pdf
            ? path
            : path.split(separator: SheetDestination.placeholder, omittingEmptySubsequences: false)
                .joined(separator: String(number))
        return try ExportFile(name, sealer: recipients?.sealer())
    }
}
