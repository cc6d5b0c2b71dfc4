/// What goes wrong in one transfer.
public enum Fault: Hashable, Sendable, CaseIterable {
    /// The transfer does not take place and is stalled; a bulk or interrupt endpoint is halted until its handle
    /// clears it, which it does at once, see `USBDevice`.
    case stall
    /// The transfer does not take place; its timeout passes.
    case timeout
    /// Half of the bytes arrive. A host that wrote them is told of an I/O error.
    case short
    /// One byte in the middle arrives changed.
    case garbled
    /// The key is pulled out just before.
    case unplugBefore
    /// The key is pulled out after the transfer took effect, before the host hears of it.
    case unplugAfter
    /// The transfer does not take place: the bus says busy.
    case busy
}

/// Faults by transfer number. After a fault the key goes on as hardware would.
public struct FaultPlan: Hashable, Sendable {
    public enum Counting: Hashable, Sendable {
        /// Over the life of the key, all handles together.
        case key
        /// Over the life of each handle.
        case handle
    }

    /// By transfer number, from 1: each read, write and control transfer is one.
    public var faults: [Int: Fault]
    public var counting: Counting

    public init(_ faults: [Int: Fault] = [:], counting: Counting = .key) {
        (self.faults, self.counting) = (faults, counting)
    }

    public init(_ fault: Fault, atTransfer number: Int, counting: Counting = .key) {
        self.init([number: fault], counting: counting)
    }

    public static let none = FaultPlan()
}

extension [UInt8] {
    /// What the key gets of bytes that the host writes.
    func arriving(under fault: Fault?) -> [UInt8] {
        switch fault {
        case .short: halved
        case .garbled: garbled
        default: self
        }
    }

    /// The bytes as a garbled transfer delivers them.
    var garbled: [UInt8] {
        var bytes = self
        if let middle = indices.dropFirst(count / 2).first { bytes[middle] ^= garblingMask }
        return bytes
    }

    /// The bytes as a short transfer delivers them.
    var halved: [UInt8] { Array(prefix(count / 2)) }
}

private let garblingMask: UInt8 = 0x20
