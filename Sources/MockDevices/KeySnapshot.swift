import FoundationEssentials

/// The state file of a virtual key: JSON in UTF-8 with sorted keys and a line feed at the end.
///
///     {
///       "format": "keyprov virtual key",
///       "model": "yubikey5",                                from here on as a YubiKey has it: `YubiKeyContent`
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
    let content: any KeyContent

    init(model: VirtualModel, serial: UInt32, content: any KeyContent) {
        (self.model, self.serial, self.content) = (model, serial, content)
    }

    /// - Returns: the snapshot and the chip that it is of.
    static func restore(
        _ bytes: [UInt8], random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> (KeySnapshot, any KeyChip) {
        let version: Version = try decode(bytes)
        guard version.format == format else { throw .notASnapshot }
        guard version.version == Self.version else { throw .unknownVersion(version.version) }
        let header: Header = try decode(bytes)
        guard let model = VirtualModel.named(header.model) else { throw .unknownModel }
        guard VirtualKey.isVirtual(serial: header.serial) else { throw .invalid(.serial) }
        let chip = try chip(of: model.profile, header.serial, bytes, random)
        return (KeySnapshot(model: model, serial: header.serial, content: chip.content), chip)
    }

    private static func chip<Profile: KeyProfile>(
        of profile: Profile, _ serial: UInt32, _ bytes: [UInt8], _ random: any RandomNumberGenerator & Sendable
    ) throws(VirtualKeyError) -> any KeyChip {
        let content: Profile.Content = try decode(bytes)
        return try profile.chip(serial: serial, content: content, random: random)
    }

    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let header = Header(format: Self.format, version: Self.version, model: model.name, serial: serial)
        // Integers, texts and arrays of them: there is nothing in it that JSON cannot say.
        return ((try? encoder.encode(File(header: header, content: content))).map(Array.init) ?? [])
            + Array("\n".utf8)
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

    /// All that a file of any version has.
    private struct Version: Decodable {
        let format: String
        let version: Int
    }

    private struct Header: Codable {
        let format: String
        let version: Int
        let model: String
        let serial: UInt32
    }

    /// One object with the members of both.
    private struct File: Encodable {
        let header: Header
        let content: any KeyContent

        func encode(to encoder: any Encoder) throws {
            try header.encode(to: encoder)
            try content.encode(to: encoder)
        }
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
        case pin
    }
}
