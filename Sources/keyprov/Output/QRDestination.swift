import ArgumentParser
import SecretFormats

/// Where a QR code goes: `terminal`, `none`, or a file whose name says its kind.
enum QRDestination: ExpressibleByArgument, Hashable {
    case terminal
    case none
    case png(String)
    case svg(String)

    init?(argument: String) {
        let name = argument.lowercased()
        switch name {
        case "terminal": self = .terminal
        case "none": self = .none
        case _ where name.hasSuffix(".png"): self = .png(argument)
        case _ where name.hasSuffix(".svg"): self = .svg(argument)
        default: return nil
        }
    }

    static let allValueStrings = ["terminal", "none", "FILE.png", "FILE.svg"]
    static let defaultCompletionKind = CompletionKind.words({ ["terminal", "none"] }, orFiles: [".png", ".svg"])

    /// Opens the file, if it is one, so that a name that cannot be written is refused before anything is done.
    func prepare() throws(FileError) -> PreparedQR {
        switch self {
        case .terminal, .none: PreparedQR(destination: self, file: nil)
        case .png(let path), .svg(let path): PreparedQR(destination: self, file: try NewFile(path))
        }
    }
}

/// A QR code's place, ready to take it.
struct PreparedQR {
    let destination: QRDestination
    fileprivate(set) var file: NewFile?

    init(destination: QRDestination, file: NewFile?) {
        self.destination = destination
        self.file = file
    }

    func put(_ text: Secret, _ console: Console) throws {
        guard destination != .none else { return }
        let code = try QRCode(encoding: text)
        switch destination {
        case .none: break
        case .terminal: try console.data(code.halfBlocks(colors: console.usesColor))
        case .png: try file?.write(code.png())
        case .svg: try file?.write(code.svg())
        }
        try file?.commit()
    }
}
