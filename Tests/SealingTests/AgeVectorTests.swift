import ByteBuffers
import Foundation
import SecretFormats
import TestSupport
import Testing

@testable import Sealing

/// A line of `Vectors/age.jsonl`, which `Vectors/make.py` writes.
struct AgeVector: Decodable, CustomTestStringConvertible {
    let name: String
    let expect: String
    let file: Data
    let text: Data
    let identity: String?
    let passphrase: String?

    var testDescription: String { name }

    var key: OpeningKey {
        get throws {
            if let identity {
                return .identities([try WipedBuffer(identity.utf8).withBytes { try AgeIdentity(parsing: $0) }])
            }
            return .passphrase(Secret(WipedBuffer((passphrase ?? "").utf8)))
        }
    }

    static let all: [AgeVector] = {
        guard let url = Bundle.module.url(forResource: "Vectors/age", withExtension: "jsonl"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(AgeVector.self, from: Data($0.utf8)) }
    }()
}

struct AgeVectorTests {
    @Test func `All vectors are read`() { #expect(AgeVector.all.count == 98) }

    @Test(arguments: AgeVector.all) func `The format's test suite is opened or refused for the right reason`(
        vector: AgeVector
    ) throws {
        do throws(SealError) {
            let opened = try open(Array(vector.file), try vector.openingKey())
            #expect(vector.expect == "success")
            #expect(opened == Array(vector.text))
        } catch {
            #expect(vector.expect == part(of: error), "\(error)")
        }
    }

    @Test func `Every truncation of a vector that opens is refused`() throws {
        for vector in AgeVector.all where vector.expect == "success" && vector.identity != nil {
            let file = Array(vector.file)
            let key = try vector.key
            let content = file.lastIndex { $0 > UInt8(ascii: " ") } ?? 0
            for length in file.indices where length <= content {
                #expect(throws: SealError.self, "\(vector.name) cut to \(length)") {
                    try open(Array(file.prefix(length)), key)
                }
            }
        }
    }

    @Test func `Every flipped bit of a binary file is refused`() throws {
        let vector = try #require(AgeVector.all.first { $0.name == "x25519" })
        let key = try vector.key
        for index in vector.file.indices {
            for bit in 0..<8 {
                var file = Array(vector.file)
                file[index] ^= 1 << UInt8(bit)
                #expect(throws: SealError.self, "bit \(bit) of byte \(index)") { try open(file, key) }
            }
        }
    }

    /// White space at the ends of lines is the one thing of an armor that may differ.
    @Test func `A flipped bit of an armored file is refused, or leaves what is in it`() throws {
        let vector = try #require(AgeVector.all.first { $0.name == "armor" })
        let key = try vector.key
        for index in vector.file.indices {
            for bit in 0..<8 {
                var file = Array(vector.file)
                file[index] ^= 1 << UInt8(bit)
                guard let opened = try? open(file, key) else { continue }
                #expect(opened == Array(vector.text))
                #expect(index == vector.file.count - 1, "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test(arguments: AgeVector.all.filter { $0.expect == "success" && $0.identity != nil })
    func `Mutations are refused or leave what is in the file`(vector: AgeVector) throws {
        let key = try vector.key
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<800 {
            guard let opened = try? open(mutated(Array(vector.file), using: &generator), key) else { continue }
            #expect(opened == Array(vector.text))
        }
    }

    private func part(of error: SealError) -> String {
        switch error {
        case .notSealed, .unsupportedVersion, .malformedHeader, .workFactorTooHigh: "header"
        case .malformedArmor: "armor"
        case .headerChanged: "mac"
        case .noMatchingIdentity, .wrongPassphrase, .needsPassphrase, .needsIdentity: "no match"
        case .changedChunk, .truncated: "payload"
        default: "\(error)"
        }
    }
}

extension AgeVector {
    func openingKey() throws(SealError) -> OpeningKey {
        do { return try key } catch let error as SealError { throw error } catch { throw .noKeys }
    }
}

/// Hands out a file in blocks of no regular length.
final class UnevenSource: ByteSource {
    private var rest: ArraySlice<UInt8>
    private var step = 1

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(into buffer: WipedBuffer) {
        step = step % 7919 * 3 + 1
        buffer.append(contentsOf: rest.prefix(step))
        rest = rest.dropFirst(step)
    }
}

func open(_ file: [UInt8], _ key: OpeningKey) throws(SealError) -> [UInt8] {
    let reader = try SealedFileReader(UnevenSource(file), opening: key)
    let contents = WipedBuffer()
    while try reader.next(into: contents) {}
    return contents.withBytes { [UInt8](copying: $0) }
}

func seal(
    _ contents: [UInt8], _ key: SealingKey, isArmored: Bool = false, block: Int = 10_007
) throws(SealError) -> [UInt8] {
    let writer = try SealedFileWriter(for: key, isArmored: isArmored)
    let output = WipedBuffer()
    writer.start(into: output)
    var rest = contents[...]
    while !rest.isEmpty {
        try writer.append(WipedBuffer(rest.prefix(block)), into: output)
        rest = rest.dropFirst(block)
    }
    try writer.end(into: output)
    return output.withBytes { [UInt8](copying: $0) }
}
