/// What a terminal draws characters with when it is not told; only the user can know.
public enum TerminalTheme: String, CaseIterable, Sendable {
    /// Light characters on a dark background.
    case dark
    /// Dark characters on a light background; also ink on paper.
    case light
}
