import ByteBuffers
import SecretFormats

/// The fields of a form, filled in, and the URI: labels and values in two columns.
struct FormTable {
    let form: FilledForm
    let credential: Credential
    let uri: Secret

    /// Characters between a label and its value.
    private static let gap = 2
    private static let uriLabel = "URI"

    func text() -> WipedBuffer {
        let rows = form.values(of: credential)
        let width = (rows.map(\.label.count) + [Self.uriLabel.count]).max() ?? 0
        let buffer = WipedBuffer(capacity: 1024)
        func begin(_ label: String) {
            buffer.append(contentsOf: label.utf8)
            buffer.append(contentsOf: repeatElement(UInt8(ascii: " "), count: width - label.count + Self.gap))
        }
        for row in rows {
            begin(row.label)
            switch row.value {
            case .text(let text): buffer.append(contentsOf: TerminalText.safe(text).utf8)
            case .secret(let shown, _): shown.withBytes { buffer.append(contentsOf: $0) }
            case .open(let need): buffer.append(contentsOf: need.text.utf8)
            }
            buffer.append("\n")
        }
        begin(Self.uriLabel)
        uri.withBytes { buffer.append(contentsOf: $0) }
        buffer.append("\n")
        return buffer
    }
}
