import ByteBuffers
import Foundation
import SecretFormats
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// One exchange with a Token2 PIN+, with what is inside of it.
struct Token2Vector: Decodable, Sendable {
    struct Step: Decodable, Sendable {
        let apdu: String
        let response: String

        var command: [UInt8] { bytes(hex: apdu) ?? [] }
        var answer: [UInt8] { bytes(hex: response) ?? [] }
    }

    let id: String
    let steps: [Step]
    let hostPub: String?
    let aesKey: String?
    let cleartext: String?
    /// Private keys of a session, and what comes of them.
    let host: String?
    let device: String?
    let encryption: String?
    let authentication: String?

    static let all: [Token2Vector] = {
        struct File: Decodable { let vectors: [Token2Vector] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let url = Bundle.module.url(forResource: "token2pin", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? decoder.decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }()

    static func named(_ id: String) throws -> Token2Vector { try #require(all.first { $0.id == id }) }

    func field(_ text: String?) throws -> [UInt8] { try #require(text.flatMap { bytes(hex: $0) }) }

    var step: Step { get throws { try #require(steps.first) } }
}

/// Random bytes that are all one, or those of a vector, over and over.
struct RepeatedBytes: RandomSource {
    let bytes: [UInt8]

    func fill(_ target: inout MutableRawSpan) {
        target.withUnsafeMutableBytes { target in
            for index in target.indices { target[index] = bytes[index % bytes.count] }
        }
    }
}

/// The virtual chip as a connection, without USB between: each answer may be changed on its way.
final class Token2Card: SmartCardConnection {
    let answerToReset: [UInt8] = []
    let carriesExtendedAPDUs = true
    var chip: Token2Chip
    private(set) var sent: [[UInt8]] = []
    private(set) var answers: [[UInt8]] = []
    /// Number of the exchange, command, answer.
    var change: (Int, [UInt8], [UInt8]) -> [UInt8] = { _, _, answer in answer }

    init(_ chip: Token2Chip) {
        self.chip = chip
        self.chip.powerOn()
    }

    func transmit(_ apdu: WipedBuffer) throws(ConnectionError) -> [UInt8] {
        let command = apdu.withBytes { [UInt8](copying: $0) }
        guard case .bytes(let answer) = chip.transmit(command) else {
            throw .usb(USBError(.timeout, during: .read(endpoint: 0x81)))
        }
        sent.append(command)
        answers.append(change(answers.count, command, answer))
        return answers.last ?? []
    }

    func close() {}

    func app(_ random: any RandomSource = SystemRandom()) throws(DeviceError) -> Token2App {
        try Token2App(channel: APDUChannel(connection: self), random: random)
    }

    func session(_ random: any RandomSource = SystemRandom(), onTouch: @escaping () -> Void = {}) throws(DeviceError)
        -> Token2PINPlusSession
    {
        let info = DeviceInfo(
            family: "token2-pin", model: "Token2 PIN+", serial: nil, firmware: nil,
            location: USBLocation(bus: 1, ports: [1]))
        return Token2PINPlusSession(
            device: info, app: try app(random), longestCommand: CommandAPDU.maxExtendedDataLength,
            options: SessionOptions(random: random, unixTime: 1_700_000_000, onTouch: onTouch))
    }
}

extension Token2Chip {
    static let privateKey = [UInt8](repeating: 0x22, count: 32)

    /// One with the private key of the vectors.
    init(entries: [Token2StoredEntry] = [], pin: String? = nil, triesLeft: UInt8 = 100, hasPIN: Bool = true) throws {
        var memory = Token2Memory(privateKey: Self.privateKey, entries: entries)
        if let pin {
            memory.pin = Token2Memory.PIN(
                hash: try Token2Crypto.sha256(Array(pin.utf8)), length: UInt8(pin.utf8.count), triesLeft: triesLeft)
        }
        self.init(serial: 99_000_001, hasPIN: hasPIN, memory: memory, random: SeededGenerator(seed: 34))
    }
}

extension Token2StoredEntry {
    init(_ account: String, isTOTP: Bool = true, button: UInt8 = 0) {
        self.init(
            isTOTP: isTOTP, algorithm: .sha1, period: 30, digits: 6, button: button,
            application: Array("Example".utf8), account: Array(account.utf8),
            seed: Array("12345678901234567890".utf8))
    }
}
