import Foundation
import SecretFormats
import Testing

/// A test vector: header lines `key: value`, an empty line, then the bytes of the input up to the end of the file.
///
/// ```
/// expect: success | malformed | unsupported | missing | duplicate
/// reason, field, position, line     of the error, where they are part of the expectation
/// label                             issuer:account to decode with, for formats without names
/// passphrase                        of an encrypted file
/// cost                              high: a key derivation as slow as the app's own, so the file is changed less often
/// record                            one line a record, as `TokenRecord.summary` writes it
/// canonical                         no: re-encoding gives other bytes (the input has another spelling, or holds chance)
///                                   never: what it says cannot be written by this format
/// recognized                        no: nothing in the file says which format it is in
/// comment                           for the reader
/// ```
struct FormatVector: CustomTestStringConvertible {
    let name: String
    let headers: [(key: String, value: String)]
    let input: [UInt8]

    var testDescription: String { name }

    func values(_ key: String) -> [String] { headers.filter { $0.key == key }.map(\.value) }
    func value(_ key: String) -> String? { values(key).first }

    init(name: String, file: [UInt8]) throws {
        self.name = name
        var headers: [(String, String)] = []
        var rest = file[...]
        while true {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            try #require(line.endIndex < rest.endIndex, "\(name): no empty line after the header")
            rest = rest[(line.endIndex + 1)...]
            if line.isEmpty { break }
            let parts = String(decoding: line, as: UTF8.self).split(separator: ": ", maxSplits: 1)
            try #require(parts.count == 2, "\(name): a header line without a value")
            headers.append((String(parts[0]), String(parts[1])))
        }
        self.headers = headers
        input = Array(rest)
    }

    /// The vectors of a format, from the folder of its name; none is an error.
    static func all(for format: any SecretFormat) throws -> [FormatVector] {
        let folder = try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil))
            .appendingPathComponent(format.name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        try #require(!files.isEmpty, "no vectors for \(format.name)")
        return try files.sorted { $0.path < $1.path }.map { file in
            try FormatVector(name: "\(format.name)/\(file.lastPathComponent)", file: Array(Data(contentsOf: file)))
        }
    }
}
