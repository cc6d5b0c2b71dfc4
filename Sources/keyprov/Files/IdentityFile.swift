import ByteBuffers
import Sealing

/// A new age identity in a file of its own, as `age-keygen` makes it.
enum IdentityFile {
    static func make(_ path: String) throws -> AgeRecipient {
        let identity = try AgeIdentity.generate(from: World.current.random)
        let text = WipedBuffer()
        text.append(contentsOf: Array("# recipient: \(identity.recipient.text)\n".utf8))
        identity.write(into: text)
        text.append("\n")
        let file = try NewFile(path)
        try file.write(text)
        try file.commit()
        return identity.recipient
    }
}
