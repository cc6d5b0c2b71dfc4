internal import CCairo
internal import SecretFormats
internal import SheetJobs

/// Draws marks: on a file or on a picture, always the same. Codes come first, so that whatever lies on one is seen there
/// when it is read back.
enum Canvas {
    /// - Parameters:
    ///   - cairo: a `cairo_t` whose unit is a point.
    ///   - area: marks outside of it may be left out; nil for the whole page.
    ///   - showsCodes: false where somebody else draws them, see `PDFCodes`.
    static func draw(
        _ page: Page, on cairo: OpaquePointer, within area: Rectangle? = nil, showsCodes: Bool = true
    ) {
        unsafe cairo_set_source_rgb(cairo, 0, 0, 0)
        if showsCodes {
            for case .code(let code, let x, let y, let module) in page.marks {
                unsafe draw(code, x, y, module, on: cairo)
            }
        }
        for mark in page.marks where area.map(mark.mayTouch) ?? true {
            switch mark {
            case .text(let text, let x, let y, let clip): unsafe draw(text, x, y, clip, on: cairo)
            case .code: break
            case .rule(let line, let thickness, let isDashed):
                let dashes = [dash, dash]
                unsafe cairo_set_dash(cairo, dashes, isDashed ? Int32(dashes.count) : 0, 0)
                unsafe cairo_set_line_width(cairo, thickness)
                unsafe cairo_move_to(cairo, line.x, line.y)
                unsafe cairo_line_to(cairo, line.x + line.width, line.y + line.height)
                unsafe cairo_stroke(cairo)
                unsafe cairo_set_dash(cairo, nil, 0, 0)
            case .frame(let box, let thickness):
                unsafe cairo_set_line_width(cairo, thickness)
                unsafe cairo_rectangle(cairo, box.x, box.y, box.width, box.height)
                unsafe cairo_stroke(cairo)
            case .logo(let logo, let box):
                unsafe logo.draw(in: box, on: cairo)
                unsafe cairo_set_source_rgb(cairo, 0, 0, 0)
            }
        }
    }

    /// Points.
    private static let dash = 3.0

    private static func draw(
        _ text: TextLayout, _ x: Double, _ y: Double, _ clip: Rectangle?, on cairo: OpaquePointer
    ) {
        if let clip {
            unsafe cairo_save(cairo)
            unsafe cairo_rectangle(cairo, clip.x, clip.y, clip.width, clip.height)
            unsafe cairo_clip(cairo)
        }
        unsafe cairo_move_to(cairo, x, y)
        unsafe text.show(on: cairo)
        if clip != nil { unsafe cairo_restore(cairo) }
    }

    /// One path and one filling: neighbors in a row are one rectangle, and no seam shows between rows.
    private static func draw(
        _ code: QRCode, _ x: Double, _ y: Double, _ module: Double, on cairo: OpaquePointer
    ) {
        code.forEachRun { row, columns in
            unsafe cairo_rectangle(
                cairo, x + Double(columns.lowerBound) * module, y + Double(row) * module,
                Double(columns.count) * module, module)
        }
        unsafe cairo_fill(cairo)
    }
}
