/// The name by which an applet is selected (ISO 7816-4, section 8.2.1.2): 5 to 16 bytes.
public struct ApplicationID: Hashable, Sendable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}
