/// Names for files out of other people's names.
enum FileName {
    /// Bytes; with a suffix it stays under the 255 that file systems take.
    private static let limit = 200

    /// Without what has a meaning in a path or on a terminal.
    static func safe(_ text: String) -> String {
        var name = ""
        for character in TerminalText.safe(text) {
            guard name.utf8.count + character.utf8.count <= limit else { break }
            name.append(character == "/" || name.isEmpty && character == "." ? "_" : character)
        }
        return name.isEmpty ? "_" : name
    }
}
