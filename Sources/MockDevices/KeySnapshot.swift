import FoundationEssentials

/// The state file of a virtual key: JSON in UTF-8 with sorted keys and a line feed at the end.
///
///     {
///       "format": "keyprov virtual key",
///       "model": "yubikey5",
///       "oath": {
///         "accessKey": { "key": HEX, "type": 33 },          left out where no code is set
///         "credentials": [
///           { "counter": 0, "digits": 6, "lastChallenge": HEX, "name": HEX, "properties": 0,
///             "secret": HEX, "type": 33 }                   lastChallenge left out where there is none
///         ],
///         "salt": HEX                                        8 bytes
///       },
///       "serial": 99000001,
///       "slots": {                                          left out where none was ever written
///         "configurations": [
///           { "record": HEX, "slot": 1, "uses": 0 }          52 bytes, as they were written
///         ],
///         "sequence": 1
///       },
///       "version": 1
///     }
///
/// HEX is an even number of lower-case hexadecimal digits. `type`, `digits` and `properties` are the bytes that PUT
/// and SET CODE carried. Names are hexadecimal because a key takes names that are no text.
struct KeySnapshot {
    let model: VirtualModel
    let serial: UInt32
    let memory: OATHMemory
    let slotMemory: OTPMemory

    init(model: VirtualModel, serial: UInt32, memory: OATHMemory, slotMemory: OTPMemory) {
        (self.model, self.serial, self.memory, self.slotMemory) = (model, serial, memory, slotMemory)
    }

    init(parsing bytes: [UInt8]) throws(VirtualKeyError) {
        let header: Header = try Self.decode(bytes)
        guard header.format == Self.format else { throw .notASnapshot }
        guard header.version == Self.version else { throw .unknownVersion(header.version) }
        let content: Content = try Self.decode(bytes)
        guard let model = VirtualModel.named(content.model) else { throw .unknownModel }
        guard VirtualKey.isVirtual(serial: content.serial) else { throw .invalid(.serial) }
        (self.model, serial) = (model, content.serial)
        memory = try content.oath.memory(model.profile.oath)
        slotMemory = try content.slots?.memory() ?? OTPMemory()
    }

    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let content = Content(
            format: Self.format, version: Self.version, model: model.name, serial: serial,
            oath: OATHContent(memory), slots: slotMemory == OTPMemory() ? nil : SlotContent(slotMemory))
        // Integers, texts and arrays of them: there is nothing in it that JSON cannot say.
        return ((try? encoder.encode(content)).map(Array.init) ?? []) + Array("\n".utf8)
    }

    private static func decode<Value: Decodable>(_ bytes: [UInt8]) throws(VirtualKeyError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw .notASnapshot
        }
    }

    private static let format = "keyprov virtual key"
    private static let version = 1

    private struct Header: Decodable {
        let format: String
        let version: Int
    }

    private struct Content: Codable {
        let format: String
        let version: Int
        let model: String
        let serial: UInt32
        let oath: OATHContent
        let slots: SlotContent?
    }
}

/// A state file that makes no key.
public enum VirtualKeyError: Error, Hashable, Sendable {
    /// Not JSON, or not of this shape.
    case notASnapshot
    /// Of a later keyprov, most likely.
    case unknownVersion(Int)
    case unknownModel
    /// A value that no key of that model can hold.
    case invalid(Field)

    public enum Field: Hashable, Sendable {
        case serial
        case salt
        case accessKey
        /// Position in the list, from 0.
        case credential(Int)
        /// More than the model has room for.
        case credentialCount
        /// The number as it stands in the file.
        case slot(Int)
        /// Of the writes to slots.
        case sequence
    }
}
