/// The templates that come with the program, written as a user would write one.
public enum BuiltInTemplate: String, CaseIterable, Sendable {
    case sheet, letter, label, inventory

    public var text: String {
        switch self {
        case .sheet: Self.sheetText
        case .letter: Self.letterText
        case .label: Self.labelText
        case .inventory: Self.inventoryText
        }
    }

    /// A page with a code alone: for `keyprov qr`.
    ///
    /// - Parameter correction: as in `Template.Correction`.
    public static func code(_ correction: String) -> String {
        """
        keyprov-template 1
        title "QR"
        qr x=20 y=20 w=60 h=60 correction=\(correction)
        """
    }
}
