internal import CLibXML2

/// What all uses of libxml2 share.
enum XMLLibrary {
    /// Set up once, before its first use: from then on libxml2 overwrites the memory that it releases.
    static let isReady = kp_xml_set_up() == 0

    /// Throws where a character of `text` is none of XML's (XML 1.0 section 2.2) or would not come back.
    static func check(_ text: String?, _ field: FormatError.Field) throws(FormatError) {
        for (index, scalar) in (text ?? "").unicodeScalars.enumerated() {
            let isTaken =
                switch scalar.value {
                // Tabs and line ends are allowed and would be read as a space.
                case 0x20...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: true
                default: false
                }
            guard isTaken, scalar.properties.generalCategory != .control else {
                throw FormatError(.unsupported, .controlCharacter, field: field, position: index + 1)
            }
        }
        if text?.first == " " || text?.last == " " { throw FormatError(.unsupported, .outerSpace, field: field) }
    }
}
