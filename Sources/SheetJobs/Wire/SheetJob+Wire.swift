public import ByteBuffers

extension SheetJob {
    /// Frames inside `SheetTag.job`, each once: numbers are decimal digits, `output` and `secrecy` are those of their
    /// cases.
    private enum Part {
        static let output = SheetTag(rawValue: 0x21)
        static let medium = SheetTag(rawValue: 0x22)
        static let language = SheetTag(rawValue: 0x23)
        static let template = SheetTag(rawValue: 0x24)
        static let logo = SheetTag(rawValue: 0x25)
        static let total = SheetTag(rawValue: 0x26)
        static let secrecy = SheetTag(rawValue: 0x27)
        static let skippedLabels = SheetTag(rawValue: 0x28)
        static let unixTime = SheetTag(rawValue: 0x29)
        static let count = 9
    }

    public init(parsing bytes: RawSpan) throws(SheetWireError) {
        var seen: Set<SheetTag> = []
        var job = SheetJob(medium: .paper(.a4), template: [], total: 0, unixTime: 0)
        try SheetFrame.forEach(in: bytes, of: .job) { (tag, payload) throws(SheetWireError) in
            guard seen.insert(tag).inserted else { throw SheetWireError(in: tag) }
            switch tag {
            case Part.output: job.output = try Self.value(Output.init, payload, tag)
            case Part.medium: job.medium = try payload.sheetText(in: tag)
            case Part.language:
                guard let language = SheetLanguage(rawValue: try payload.sheetText(in: tag)) else {
                    throw SheetWireError(in: tag)
                }
                job.language = language
            case Part.template: job.template = [UInt8](copying: payload)
            case Part.logo: job.logo = [UInt8](copying: payload)
            case Part.total: job.total = Int(clamping: try payload.sheetNumber(in: tag))
            case Part.secrecy: job.secrecy = try Self.value(Secrecy.init, payload, tag)
            case Part.skippedLabels: job.skippedLabels = Int(clamping: try payload.sheetNumber(in: tag))
            case Part.unixTime: job.unixTime = try payload.sheetNumber(in: tag)
            default: throw SheetWireError(in: tag)
            }
        }
        guard seen.count == Part.count else { throw SheetWireError(in: .job) }
        self = job
    }

    public func append(to buffer: WipedBuffer) {
        SheetFrame.append(.job, to: buffer) { job in
            SheetFrame.append(Part.output, text: String(output.rawValue), to: job)
            SheetFrame.append(Part.medium, text: medium, to: job)
            SheetFrame.append(Part.language, text: language.rawValue, to: job)
            SheetFrame.append(Part.template, to: job) { $0.append(contentsOf: template) }
            SheetFrame.append(Part.logo, to: job) { $0.append(contentsOf: logo) }
            SheetFrame.append(Part.total, text: String(total), to: job)
            SheetFrame.append(Part.secrecy, text: String(secrecy.rawValue), to: job)
            SheetFrame.append(Part.skippedLabels, text: String(skippedLabels), to: job)
            SheetFrame.append(Part.unixTime, text: String(unixTime), to: job)
        }
    }

    private static func value<Value>(
        _ make: (UInt8) -> Value?, _ payload: RawSpan, _ tag: SheetTag
    ) throws(SheetWireError) -> Value {
        guard let value = make(UInt8(clamping: try payload.sheetNumber(in: tag))) else {
            throw SheetWireError(in: tag)
        }
        return value
    }
}
