internal import ByteBuffers
internal import SecretFormats

/// The text form of a sealed file (C2SP age, "ASCII armor"; RFC 7468 section 3, strict).
///
/// ```
/// -----BEGIN AGE ENCRYPTED FILE----- LF
/// base64 with padding, 64 characters a line; the last line has 4 up to 64
/// -----END AGE ENCRYPTED FILE----- LF
/// ```
enum Armor {
    static let begin: StaticString = "-----BEGIN AGE ENCRYPTED FILE-----"
    static let end: StaticString = "-----END AGE ENCRYPTED FILE-----"
    static let columns = 64
    static let bytesOfLine = 48
}

final class ArmorWriter {
    /// Less than a line.
    private var held = WipedBuffer(capacity: Armor.bytesOfLine)

    func start(into output: WipedBuffer) {
        output.append(Armor.begin)
        output.append("\n")
    }

    func append(_ bytes: WipedBuffer, into output: WipedBuffer) {
        held.append(contentsOf: bytes)
        let rest = WipedBuffer(capacity: Armor.bytesOfLine)
        held.withBytes { bytes in
            let whole = bytes.byteCount - bytes.byteCount % Armor.bytesOfLine
            for offset in stride(from: 0, to: whole, by: Armor.bytesOfLine) {
                Base64.encode(bytes.extracting(offset..<offset + Armor.bytesOfLine), into: output)
                output.append("\n")
            }
            rest.append(contentsOf: bytes.extracting(droppingFirst: whole))
        }
        held = rest
    }

    func end(into output: WipedBuffer) {
        if !held.isEmpty {
            held.withBytes { Base64.encode($0, into: output) }
            output.append("\n")
        }
        output.append(Armor.end)
        output.append("\n")
    }
}
