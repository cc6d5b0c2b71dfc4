import USBTransport

/// All in which one product differs from another, as data: its descriptors, reader and chip derive from it.
protocol KeyProfile: Hashable, Sendable {
    /// The part of the state file that is this kind of key's own, see `KeySnapshot`.
    associatedtype Content: Decodable

    /// What an operator types.
    var name: String { get }
    /// As the maker sells it.
    var productName: String { get }
    var firmware: VirtualModel.Firmware { get }
    /// nil for a key without a reader.
    var ccid: CCIDProfile? { get }
    var descriptorPlan: DescriptorPlan { get }

    /// `iSerialNumber` of the key with that number; nil for keys without one.
    func serialString(_ serial: UInt32) -> String?

    func chip(serial: UInt32, random: any RandomNumberGenerator & Sendable) -> any KeyChip

    /// - Throws: `.invalid` for what such a key would never have stored.
    func chip(
        serial: UInt32, content: Content, random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip
}

extension KeyProfile {
    func serialString(_ serial: UInt32) -> String? { nil }
}
