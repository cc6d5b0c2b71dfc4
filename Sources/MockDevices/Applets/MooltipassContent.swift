/// The part of the state file that is a Mooltipass BLE's. Bytes are hexadecimal, see `KeySnapshot`.
struct MooltipassContent: Codable {
    let cardKey: HexBytes
    let counter: UInt32
    let firstService: UInt16
    let nodes: [Node]

    struct Node: Codable {
        let address: UInt16
        let bytes: HexBytes
    }

    init(_ flash: MooltipassFlash) {
        (cardKey, counter, firstService) = (HexBytes(flash.cardKey), flash.counter, flash.firstService)
        nodes = flash.nodes.sorted { $0.key < $1.key }.map { Node(address: $0, bytes: HexBytes($1)) }
    }

    /// - Throws: `.invalid` for what a key would never have stored.
    func flash() throws(VirtualKeyError) -> MooltipassFlash {
        guard cardKey.bytes.count == Self.keyLength else { throw .invalid(.accessKey) }
        var flash = MooltipassFlash(firstService: firstService, cardKey: cardKey.bytes, counter: counter)
        for (index, node) in nodes.enumerated() {
            guard [MooltipassFlash.serviceLength, MooltipassFlash.loginLength].contains(node.bytes.bytes.count),
                flash.nodes[node.address] == nil
            else { throw .invalid(.credential(index)) }
            flash.nodes[node.address] = node.bytes.bytes
        }
        return flash
    }

    static let keyLength = 32
}
