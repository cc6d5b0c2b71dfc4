internal import ByteBuffers
internal import SecretFormats
internal import SheetJobs

/// Fits text into places: it shrinks, wraps, and at last is cut off with an ellipsis. A secret is never cut off.
final class TextSetter {
    enum Piece {
        case text(String)
        case secret(Secret)
    }

    private let fonts: Fonts
    /// Texts that stand on every page, shaped once.
    private var shaped: [Key: TextLayout] = [:]

    private struct Key: Hashable {
        let text: String
        let style: Template.TextStyle
        let width: Double
        let height: Double
    }

    /// Points; nobody reads less.
    private static let smallest = 4.5
    private static let step = 0.92

    init() throws(SheetFailure) { fonts = try Fonts() }

    /// A text that is the same on every page.
    func fixed(_ text: String, _ style: Template.TextStyle, width: Double, height: Double) throws(SheetFailure)
        -> TextLayout
    {
        let key = Key(text: text, style: style, width: width, height: height)
        if let known = shaped[key] { return known }
        let made = try fit([.text(text)], style, width: width, height: height)
        keep(made, key)
        return made
    }

    /// A text that is the same on every page, in one size, as high as it gets.
    func fixedLines(_ text: String, _ style: Template.TextStyle, size: Double, width: Double) throws(SheetFailure)
        -> TextLayout
    {
        var style = style
        style.size = size
        let key = Key(text: text, style: style, width: width, height: .infinity)
        if let known = shaped[key] { return known }
        let made = try lines([.text(text)], style, size: size, width: width)
        keep(made, key)
        return made
    }

    /// Some labels are not as fixed as they look: those of counters differ from one entry to the next.
    private func keep(_ text: TextLayout, _ key: Key) {
        if shaped.count >= Self.mostKept { shaped = [:] }
        shaped[key] = text
    }

    /// A page has some thirty.
    private static let mostKept = 512

    /// - Parameters:
    ///   - width: points.
    ///   - height: points.
    func fit(
        _ pieces: [Piece], _ style: Template.TextStyle, width: Double, height: Double
    ) throws(SheetFailure) -> TextLayout {
        let text = try layout(pieces, style, width: width)
        shrink(text, style, width: width, height: height, keepingWordsTo: style.size * Self.wordShare)
        if text.size.height > height { text.cutOff(at: height) }
        try check(text, pieces)
        return text
    }

    /// The largest size, up to that of the style, in which a text fits and none of its words is broken.
    func size(
        of text: String, _ style: Template.TextStyle, width: Double, height: Double
    ) throws(SheetFailure) -> Double {
        let text = try layout([.text(text)], style, width: width)
        return shrink(text, style, width: width, height: height, keepingWordsTo: Self.smallest)
    }

    /// Makes a text smaller until it fits. A line ends between words as long as that takes no type below `least`: an
    /// e-mail address is easier to read in one piece.
    ///
    /// - Returns: the size.
    @discardableResult private func shrink(
        _ text: TextLayout, _ style: Template.TextStyle, width: Double, height: Double, keepingWordsTo least: Double
    ) -> Double {
        var size = style.size
        text.breaksWords = false
        let widest = text.size.width
        if widest > width {
            // In the same steps as below: the sizes of a typeface that are ever used are few, and stay in memory.
            var whole = size
            while whole * widest > style.size * width { whole *= Self.step }
            if whole >= least {
                size = whole
                set(text, style, size)
            }
            text.breaksWords = text.size.width > width
        }
        while text.size.height > height, size > Self.smallest {
            size = max(size * Self.step, Self.smallest)
            set(text, style, size)
        }
        return size
    }

    /// Of a style's size, what is left where a word would be broken otherwise.
    private static let wordShare = 0.7

    /// Text of one size that takes the height it takes.
    ///
    /// - Parameter lines: after which it is cut off; nil for never.
    func lines(
        _ pieces: [Piece], _ style: Template.TextStyle, size: Double, width: Double, lines: Int32? = nil
    ) throws(SheetFailure) -> TextLayout {
        let text = try layout(pieces, style, width: width)
        set(text, style, size)
        if let lines { text.cutOff(afterLines: lines) }
        try check(text, pieces)
        return text
    }

    private func layout(
        _ pieces: [Piece], _ style: Template.TextStyle, width: Double
    ) throws(SheetFailure) -> TextLayout {
        let bytes = WipedBuffer()
        for piece in pieces {
            switch piece {
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .secret(let secret): secret.withBytes { bytes.append(contentsOf: $0) }
            }
        }
        let text = bytes.withBytes { TextLayout(fonts, $0) }
        set(text, style, style.size)
        text.set(width: width)
        text.set(style.alignment)
        return text
    }

    private func set(_ text: TextLayout, _ style: Template.TextStyle, _ size: Double) {
        text.set(fonts.font(style, size: size))
    }

    private func check(_ text: TextLayout, _ pieces: [Piece]) throws(SheetFailure) {
        if text.hasUnknownGlyphs { throw SheetFailure(.noGlyph) }
        let isSecret = pieces.contains { if case .secret = $0 { true } else { false } }
        if isSecret, text.isCutOff { throw SheetFailure(.secretTooLong) }
    }
}
