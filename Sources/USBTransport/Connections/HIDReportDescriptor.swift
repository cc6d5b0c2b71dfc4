import ByteBuffers

/// What the reports of a HID interface are for and how long they are, read out of its report descriptor
/// (HID 1.11, section 6.2.2).
///
/// A descriptor is a row of items. A short item:
///
///     0  1     bits 7..4 tag, bits 3..2 type, bits 1..0 size (3 stands for 4 bytes)
///     1  0..4  data, little-endian
///
/// A long item:
///
///     0  1  0xFE
///     1  1  bDataSize
///     2  1  bLongItemTag
///     3  n  data
///
/// Only what tells reports apart is kept; ranges and units are passed over.
public struct HIDReportDescriptor: Hashable, Sendable {
    /// A collection at the top: one function of the interface.
    public struct Application: Hashable, Sendable {
        public let usage: HIDUsage
        /// In bits.
        fileprivate(set) var lengths: [Report: Int] = [:]
    }

    struct Report: Hashable {
        let kind: HIDReportKind
        /// 0 where the interface has no report ids.
        let id: UInt32
    }

    public private(set) var applications: [Application] = []

    /// - Throws: where an item is cut off, closes what was not opened, or makes a report longer than a control
    ///   transfer can carry.
    public init(parsing bytes: [UInt8]) throws(DescriptorError) {
        var reader = ByteReader(bytes)
        var state = ParserState()
        while !reader.isAtEnd {
            let offset = reader.offset
            guard let item = try HIDItem(from: &reader) else { continue }
            try take(item, &state, at: offset)
        }
    }

    /// Length in bytes of the report without an id that this function has; nil where it has none.
    public func reportLength(_ kind: HIDReportKind, of usage: HIDUsage) -> Int? {
        let application = applications.first { $0.usage == usage }
        return application?.lengths[Report(kind: kind, id: 0)].map { ($0 + bitsPerByte - 1) / bitsPerByte }
    }

    private mutating func take(_ item: HIDItem, _ state: inout ParserState, at offset: Int) throws(DescriptorError) {
        switch item.tag {
        case .usagePage: state.globals.usagePage = item.value
        case .reportSize: state.globals.size = item.value
        case .reportID: state.globals.id = item.value
        case .reportCount: state.globals.count = item.value
        case .push: state.stack.append(state.globals)
        case .pop:
            guard let globals = state.stack.popLast() else {
                throw DescriptorError(.misplaced(item.prefix), at: offset)
            }
            state.globals = globals
        case .usage: state.usage = state.usage ?? item.usage(onPage: state.globals.usagePage)
        case .collection:
            if state.depth == 0 { applications.append(Application(usage: state.usage ?? .undefined)) }
            state.depth += 1
            state.usage = nil
        case .endCollection:
            guard state.depth > 0 else { throw DescriptorError(.misplaced(item.prefix), at: offset) }
            state.depth -= 1
            state.usage = nil
        case .input, .output, .feature:
            guard let kind = HIDReportKind(item.tag), state.depth > 0, let last = applications.indices.last else {
                throw DescriptorError(.misplaced(item.prefix), at: offset)
            }
            let report = Report(kind: kind, id: state.globals.id)
            let (bits, overflow) = state.globals.size.multipliedReportingOverflow(by: state.globals.count)
            let length = applications[last].lengths[report, default: 0] + Int(bits)
            guard !overflow, length <= Self.longestReport else {
                throw DescriptorError(.wrongLength(item.prefix), at: offset)
            }
            applications[last].lengths[report] = length
            state.usage = nil
        default: break
        }
    }

    private struct ParserState {
        struct Globals {
            var usagePage: UInt32 = 0
            var size: UInt32 = 0
            var id: UInt32 = 0
            var count: UInt32 = 0
        }

        var globals = Globals()
        var stack: [Globals] = []
        /// The first one since the last main item.
        var usage: HIDUsage?
        var depth = 0
    }

    /// In bits: `wLength` has 16 bits.
    private static let longestReport = Int(UInt16.max) * bitsPerByte
}

private let bitsPerByte = 8

/// What a collection is for (USB-IF, HID Usage Tables).
public struct HIDUsage: Hashable, Sendable {
    public let page: UInt16
    public let id: UInt16

    public init(page: UInt16, id: UInt16) { (self.page, self.id) = (page, id) }

    static let undefined = HIDUsage(page: 0, id: 0)
    public static let keyboard = HIDUsage(page: 0x01, id: 0x06)
}

/// Report type, the high byte of wValue in GET_REPORT and SET_REPORT (HID 1.11, section 7.2.1).
public struct HIDReportKind: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let input = HIDReportKind(rawValue: 1)
    public static let output = HIDReportKind(rawValue: 2)
    public static let feature = HIDReportKind(rawValue: 3)

    fileprivate init?(_ tag: HIDItem.Tag) {
        switch tag {
        case .input: self = .input
        case .output: self = .output
        case .feature: self = .feature
        default: return nil
        }
    }
}

/// One short item.
private struct HIDItem {
    /// Tag and type as they stand in the prefix (HID 1.11, sections 6.2.2.4, 6.2.2.7 and 6.2.2.8).
    struct Tag: RawRepresentable, Hashable {
        let rawValue: UInt8
        static let input = Tag(rawValue: 0x80)
        static let output = Tag(rawValue: 0x90)
        static let feature = Tag(rawValue: 0xB0)
        static let collection = Tag(rawValue: 0xA0)
        static let endCollection = Tag(rawValue: 0xC0)
        static let usagePage = Tag(rawValue: 0x04)
        static let reportSize = Tag(rawValue: 0x74)
        static let reportID = Tag(rawValue: 0x84)
        static let reportCount = Tag(rawValue: 0x94)
        static let push = Tag(rawValue: 0xA4)
        static let pop = Tag(rawValue: 0xB4)
        static let usage = Tag(rawValue: 0x08)
    }

    let prefix: UInt8
    let value: UInt32
    private let length: Int

    var tag: Tag { Tag(rawValue: prefix & ~Self.sizeMask) }

    /// - Returns: nil for a long item, of which HID 1.11 defines none.
    init?(from reader: inout ByteReader) throws(DescriptorError) {
        let offset = reader.offset
        do throws(ByteReader.EndOfBytes) {
            prefix = try reader.uint8()
            if prefix == Self.longItem {
                let length = try reader.uint8()
                _ = try reader.bytes(Int(length) + 1)
                return nil
            }
            length = prefix & Self.sizeMask == Self.sizeMask ? 4 : Int(prefix & Self.sizeMask)
            value = try reader.bytes(length).reversed().reduce(0) { $0 << UInt32(bitsPerByte) | UInt32($1) }
        } catch {
            throw DescriptorError(.truncated, at: offset)
        }
    }

    /// A usage of four bytes has its page in the upper half.
    func usage(onPage page: UInt32) -> HIDUsage {
        let page = length == 4 ? value >> 16 : page
        return HIDUsage(page: UInt16(truncatingIfNeeded: page), id: UInt16(truncatingIfNeeded: value))
    }

    private static let sizeMask: UInt8 = 0x03
    private static let longItem: UInt8 = 0xFE
}
