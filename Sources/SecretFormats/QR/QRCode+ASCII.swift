public import ByteBuffers

extension QRCode {
    /// The symbol with its quiet zone in plain ASCII, for terminals without UTF-8: a row of modules a line, `##` for a
    /// module drawn with ink and two spaces for one without.
    ///
    /// - Parameter theme: what the ink is, as in `halfBlocks`.
    public func ascii(theme: TerminalTheme = .dark) -> WipedBuffer {
        let inkIsDark = theme == .light
        let text = WipedBuffer(capacity: paddedRange.count * (paddedRange.count * 2 + 1))
        for y in paddedRange {
            for x in paddedRange { text.append(isDark(x: x, y: y) == inkIsDark ? "##" : "  ") }
            text.append("\n")
        }
        return text
    }
}
