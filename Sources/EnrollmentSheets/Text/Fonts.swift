internal import CCairo
internal import CPango
internal import SheetJobs

/// The typefaces of the pages, and the context in which text is shaped: the same for a file and for a picture, so that
/// the check of a page sees what the file has.
@safe final class Fonts {
    let context: OpaquePointer
    /// A `PangoAttrList`: no hyphens, which would look like a part of a name or a secret where a line is broken, and
    /// no ligatures but those that a script must have, because an "fl" in one glyph is another character to whoever
    /// searches or copies the text.
    let attributes: OpaquePointer
    private var descriptions: [Key: Font] = [:]

    private struct Key: Hashable {
        let size: Double
        let isBold: Bool
        let isMono: Bool
    }

    /// In the order in which they are looked for. Each of the second kind tells 0 from O and 1 from I and l.
    private static let sans = "Noto Sans,DejaVu Sans,Liberation Sans,sans-serif"
    private static let mono = "Noto Sans Mono,DejaVu Sans Mono,Liberation Mono,monospace"

    /// OpenType's standard and contextual ligatures.
    private static let features = "liga=0,clig=0"

    /// Throws where no font is installed.
    init() throws(SheetFailure) {
        guard let map = unsafe pango_cairo_font_map_get_default() else { throw SheetFailure(.noFont) }
        var families: UnsafeMutablePointer<UnsafeMutablePointer<PangoFontFamily>?>?
        var count: Int32 = 0
        unsafe pango_font_map_list_families(map, &families, &count)
        unsafe g_free(families)
        guard count > 0, let context = unsafe pango_font_map_create_context(map) else { throw SheetFailure(.noFont) }
        unsafe self.context = context
        // A unit of the page is a point, and glyphs lie where the text says, not on the dots of some screen.
        unsafe pango_cairo_context_set_resolution(context, Page.pointsPerInch)
        unsafe pango_context_set_round_glyph_positions(context, 0)
        unsafe pango_context_set_base_dir(context, PANGO_DIRECTION_LTR)
        let options = unsafe cairo_font_options_create()
        unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        unsafe pango_cairo_context_set_font_options(context, options)
        unsafe cairo_font_options_destroy(options)
        unsafe attributes = pango_attr_list_new()
        unsafe pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(0))
        unsafe pango_attr_list_insert(attributes, pango_attr_font_features_new(Self.features))
    }

    deinit {
        unsafe pango_attr_list_unref(attributes)
        unsafe g_object_unref(UnsafeMutableRawPointer(context))
    }

    /// - Parameter size: points.
    func font(_ style: Template.TextStyle, size: Double) -> Font {
        let key = Key(size: size, isBold: style.isBold, isMono: style.isMono)
        if let known = descriptions[key] { return known }
        let made = Font(style.isMono ? Self.mono : Self.sans, isBold: style.isBold, size: size)
        descriptions[key] = made
        return made
    }
}

/// A `PangoFontDescription`.
@safe final class Font {
    let description: OpaquePointer

    fileprivate init(_ families: String, isBold: Bool, size: Double) {
        unsafe description = pango_font_description_new()
        unsafe pango_font_description_set_family(description, families)
        unsafe pango_font_description_set_weight(description, isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        unsafe pango_font_description_set_absolute_size(description, size * Double(KP_PANGO_SCALE))
    }

    deinit { unsafe pango_font_description_free(description) }
}
