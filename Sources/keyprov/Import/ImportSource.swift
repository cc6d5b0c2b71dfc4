import ByteBuffers
import PictureExchange
import SecretFormats

/// Where something is taken in from.
enum ImportSource: Hashable {
    case file(String)
    case standardInput
    case screen
    case clipboard
    /// Typed by a person, without being shown.
    case prompt

    /// As much as a picture or a backup may have.
    static let byteLimit = PictureLimits.fileLength

    /// - Parameter argument: a path, or `-`.
    init(argument: String) throws(ImportFailure) {
        // What every user of the machine can see in the list of processes.
        guard !MistakenSecret.isURI(argument), !MistakenSecret.isLikely(argument) || Files.exists(argument) else {
            throw .secretOnCommandLine
        }
        self = argument == "-" ? .standardInput : .file(argument)
    }

    var name: String {
        switch self {
        case .file(let path): path
        case .standardInput: "standard input"
        case .screen: ScreenCapture.name
        case .clipboard: Clipboard.name
        case .prompt: "prompt"
        }
    }

    func read() throws -> Secret {
        switch self {
        case .file(let path): return try Files.read(path, limit: Self.byteLimit)
        case .standardInput: return try World.current.terminal.readInput(limit: Self.byteLimit)
        case .screen: return try ScreenCapture.take()
        case .clipboard: return try Clipboard.take()
        case .prompt:
            guard let typed = try World.current.terminal.askForSecret("Secret or otpauth URI: ") else {
                throw ImportFailure.noInput
            }
            return typed
        }
    }
}

/// What was taken in: text of a file, or of the codes in a picture.
struct ImportedText {
    let name: String
    let bytes: Secret
    /// Whether it is one of several codes of a picture, some of which may be other things than credentials.
    let isFromPicture: Bool

    /// - Parameter path: of a file, or `-`.
    static func read(path: String) throws -> [ImportedText] { try read(ImportSource(argument: path)) }

    /// - Returns: a text for each code of a picture, or the one that the source is.
    static func read(_ source: ImportSource) throws -> [ImportedText] {
        let bytes = try source.read()
        guard bytes.withBytes({ PictureKind.recognize($0) }) != nil else {
            return [ImportedText(name: source.name, bytes: bytes, isFromPicture: false)]
        }
        return try PictureProgram.read(bytes, name: source.name).map { code in
            ImportedText(name: source.name, bytes: code, isFromPicture: true)
        }
    }
}
