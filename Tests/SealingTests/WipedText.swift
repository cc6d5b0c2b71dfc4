import ByteBuffers
import SecretFormats

/// Text of a test where the library wants wiped storage.
struct WipedText {
    let buffer = WipedBuffer()

    init(_ text: String = "") { buffer.append(contentsOf: Array(text.utf8)) }

    var bytes: [UInt8] { buffer.withBytes { [UInt8](copying: $0) } }
    var secret: Secret { Secret(buffer) }
}
