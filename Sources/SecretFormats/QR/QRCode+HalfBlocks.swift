public import ByteBuffers

extension QRCode {
    /// The symbol with its quiet zone as UTF-8 text, two rows of modules a line.
    ///
    /// ```
    /// ink above and below  █      above only  ▀
    /// neither              space  below only  ▄
    /// ```
    ///
    /// - Parameters:
    ///   - colors: set black on white by escape sequences, which is right on every theme; `theme` is not used then.
    ///   - theme: without colors, what the terminal's ink is: it stands for the light modules on a dark theme, for the
    ///     dark ones on a light theme. A wrong guess gives a negative, which many scanners do not read.
    public func halfBlocks(colors: Bool = true, theme: TerminalTheme = .dark) -> WipedBuffer {
        let inkIsDark = colors || theme == .light
        let text = WipedBuffer(capacity: paddedRange.count * paddedRange.count * 2)
        for y in stride(from: paddedRange.lowerBound, to: paddedRange.upperBound, by: 2) {
            if colors { text.append(Self.blackOnWhite) }
            for x in paddedRange {
                // The number of rows is odd; below the last one the quiet zone goes on.
                let top = isDark(x: x, y: y) == inkIsDark
                let bottom = isDark(x: x, y: y + 1) == inkIsDark
                switch (top, bottom) {
                case (true, true): text.append("█")
                case (true, false): text.append("▀")
                case (false, true): text.append("▄")
                case (false, false): text.append(" ")
                }
            }
            if colors { text.append(Self.reset) }
            text.append("\n")
        }
        return text
    }

    /// SGR with the fixed colors 16 and 231 of the 256-color palette: the first sixteen are what the theme makes of
    /// them.
    private static let blackOnWhite: StaticString = "\u{1B}[38;5;16;48;5;231m"
    /// Before each line end, or the background would run to the window's edge.
    private static let reset: StaticString = "\u{1B}[0m"
}
