import ByteBuffers
import SecretFormats

/// Profiles by name: the user's own, then those that are built in.
struct ProfileLibrary {
    static let fileExtension = ".profile"

    /// Where the user's own stand: `$XDG_CONFIG_HOME/keyprov/profiles`, as the XDG Base Directory Specification has it;
    /// nil where the environment tells no home.
    var folder: String? {
        let world = World.current
        if let folder = world.environment("XDG_CONFIG_HOME", isEmpty: false), folder.hasPrefix("/") {
            return folder + "/keyprov/profiles"
        }
        return world.environment("HOME", isEmpty: false).map { $0 + "/.config/keyprov/profiles" }
    }

    struct Entry {
        let name: String
        /// The file; nil for one that is built in.
        let path: String?
        /// The file's text.
        let text: [UInt8]

        func profile() throws(ProfileFailure) -> Profile {
            do throws(ProfileError) {
                return try Profile(parsing: text, name: name)
            } catch {
                throw ProfileFailure.malformed(path: path ?? name, error)
            }
        }
    }

    /// Names of all profiles, sorted; those of files that cannot be read are among them.
    func names() throws(FileError) -> [String] {
        Set(try ownNames() + BuiltInProfiles.all.map(\.name)).sorted()
    }

    /// The profile that a name stands for, or the file that a path does: what has a slash or ends in `.profile`.
    func entry(_ choice: String) throws -> Entry {
        if choice.contains("/") || choice.hasSuffix(Self.fileExtension) { return try Self.file(choice) }
        if let folder, try ownNames().contains(choice) {
            return try Self.file("\(folder)/\(choice)\(Self.fileExtension)")
        }
        guard let builtIn = BuiltInProfiles.all.first(where: { $0.name == choice }) else {
            throw ProfileFailure.noSuchProfile(choice, known: try names())
        }
        return Entry(name: choice, path: nil, text: builtIn.text())
    }

    private func ownNames() throws(FileError) -> [String] {
        guard let folder else { return [] }
        return try Files.names(in: folder).compactMap { file in
            guard file.hasSuffix(Self.fileExtension) else { return nil }
            let name = String(file.dropLast(Self.fileExtension.count))
            return ProfileStatement.isName(name) ? name : nil
        }
    }

    /// The profile of a file, whatever its name.
    static func file(_ path: String) throws(FileError) -> Entry {
        let text = try Files.read(path, limit: Profile.longestFile).withBytes { [UInt8](copying: $0) }
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let name = file.hasSuffix(fileExtension) ? String(file.dropLast(fileExtension.count)) : file
        return Entry(name: name, path: path, text: text)
    }
}
