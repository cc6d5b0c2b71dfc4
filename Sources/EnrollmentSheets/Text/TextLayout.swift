internal import ByteBuffers
internal import CCairo
internal import CPango
internal import SheetJobs

/// Shaped text of one place.
///
/// A secret comes here as bytes and goes to pango without a `String`. Pango keeps a copy of them and glyph numbers, and
/// cairo writes these into the page; both free their memory without overwriting it, which is out of reach from here.
/// That is one reason for drawing in a process of its own, which ends with the job and leaves no core file.
@safe final class TextLayout {
    fileprivate let layout: OpaquePointer

    init(_ fonts: Fonts, _ bytes: RawSpan) {
        unsafe layout = pango_layout_new(fonts.context)
        // The base direction is that of the page, so that a column stays where it is whatever script a name is in.
        unsafe pango_layout_set_auto_dir(layout, 0)
        unsafe pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        unsafe pango_layout_set_attributes(layout, fonts.attributes)
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe pango_layout_set_text(
                layout, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: bytes.count))
        }
    }

    deinit { unsafe g_object_unref(UnsafeMutableRawPointer(layout)) }

    func set(_ font: Font) { unsafe pango_layout_set_font_description(layout, font.description) }

    /// Points.
    func set(width: Double) { unsafe pango_layout_set_width(layout, Int32(clamping: Int(width * Self.unit))) }

    /// Whether a line may end within a word that is longer than it; otherwise such a word stands out.
    var breaksWords: Bool {
        get { unsafe pango_layout_get_wrap(layout) == PANGO_WRAP_WORD_CHAR }
        set { unsafe pango_layout_set_wrap(layout, newValue ? PANGO_WRAP_WORD_CHAR : PANGO_WRAP_WORD) }
    }

    func set(_ alignment: Template.TextStyle.Alignment) {
        let value =
            switch alignment {
            case .left: PANGO_ALIGN_LEFT
            case .center: PANGO_ALIGN_CENTER
            case .right: PANGO_ALIGN_RIGHT
            }
        unsafe pango_layout_set_alignment(layout, value)
    }

    /// Cuts the text off with an ellipsis where it is higher than that, in points.
    func cutOff(at height: Double) {
        unsafe pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        unsafe pango_layout_set_height(layout, Int32(clamping: Int(height * Self.unit)))
    }

    /// Cuts the text off after so many lines.
    func cutOff(afterLines lines: Int32) {
        unsafe pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        unsafe pango_layout_set_height(layout, -lines)
    }

    var isCutOff: Bool { unsafe pango_layout_is_ellipsized(layout) != 0 }
    var hasUnknownGlyphs: Bool { unsafe pango_layout_get_unknown_glyphs_count(layout) > 0 }

    /// Points.
    var size: (width: Double, height: Double) {
        var (width, height): (Int32, Int32) = (0, 0)
        unsafe pango_layout_get_size(layout, &width, &height)
        return (Double(width) / Self.unit, Double(height) / Self.unit)
    }

    /// How far to the right anything is drawn, in points: of a text that is set to the right, more than its width.
    var reach: Double {
        let width = unsafe pango_layout_get_width(layout)
        return max(size.width, width > 0 ? Double(width) / Self.unit : 0)
    }

    /// What is drawn goes so far above and below the lines, in points: stacked marks may go anywhere.
    var overhang: Double {
        var (ink, logical) = (PangoRectangle(), PangoRectangle())
        unsafe pango_layout_get_extents(layout, &ink, &logical)
        return Double(max(logical.y - ink.y, ink.y + ink.height - logical.y - logical.height, 0)) / Self.unit
    }

    /// - Parameter cairo: a `cairo_t` with its current point at the upper left corner.
    func show(on cairo: OpaquePointer) { unsafe pango_cairo_show_layout(cairo, layout) }

    /// Pango's unit, in points.
    private static let unit = Double(KP_PANGO_SCALE)
}
