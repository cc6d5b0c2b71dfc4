import ByteBuffers
import Foundation
import TestSupport
import Testing
import USBTransport

/// Recorded CCID messages, host side: we send what stands there, byte by byte, and understand the answers.
@Suite struct CCIDVectorTests {
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        struct Message: Decodable, Sendable {
            let dir: String
            let hex: String
        }

        let id: String
        let reports: [Message]
        var testDescription: String { id }

        func steps() throws -> [ScriptedDevice.Step] {
            try reports.map { message in
                let content = try #require(bytes(hex: message.hex))
                return message.dir == "out" ? .out(content) : .in(content)
            }
        }

        /// bSeq of the first message: so many exchanges went before.
        func firstSequence() throws -> Int {
            let first = try #require(reports.first.flatMap { bytes(hex: $0.hex) })
            return Int(try #require(first.dropFirst(6).first))
        }

        func message(_ index: Int) throws -> [UInt8] { try #require(bytes(hex: reports[index].hex)) }
    }

    static let vectors: [Vector] = {
        struct File: Decodable { let vectors: [Vector] }
        guard let url = Bundle.module.url(forResource: "ccid", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data)
        else { return [] }
        return file.vectors
    }()

    @Test func thereAreVectors() { #expect(Self.vectors.count == 7) }

    @Test(arguments: vectors.filter { $0.id.hasPrefix("ccid-power-on") })
    func powersOn(_ vector: Vector) throws {
        let device = ScriptedDevice(try vector.steps() + powerOff(sequence: 1))
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        #expect(connection.answerToReset == Array(try vector.message(1).dropFirst(10)))
        connection.close()
        #expect(device.isFinished, "\(device.deviation ?? "not all steps were taken")")
        #expect(device.isClosed)
    }

    @Test func asksForTheSlotStatus() throws {
        let (connection, device) = try connect(before: vector("ccid-slot-status"))
        #expect(try connection.isCardPresent())
        #expect(device.deviation == nil, "\(device.deviation ?? "")")
    }

    @Test func waitsThroughATimeExtension() throws {
        let (connection, device) = try connect(before: vector("ccid-time-extension"))
        #expect(try connection.transmit(list) == [0x90, 0x00])
        #expect(device.deviation == nil, "\(device.deviation ?? "")")
    }

    @Test func reportsAMuteCard() throws {
        let (connection, device) = try connect(before: vector("ccid-error-mute"))
        #expect(throws: ConnectionError.refused(.iccMute, .transferBlock)) { try connection.transmit(list) }
        #expect(device.deviation == nil, "\(device.deviation ?? "")")
    }

    @Test func joinsAChainedResponse() throws {
        let chained = try vector("ccid-chained-usbd-ccid")
        let (connection, device) = try connect(before: chained)
        let parts = try [1, 3, 5].map { try chained.message($0).dropFirst(10) }
        #expect(try connection.transmit(list) == parts.flatMap { $0 })
        #expect(device.deviation == nil, "\(device.deviation ?? "")")
    }

    /// The notification that a card was inserted comes on the interrupt endpoint, which a connection to a key never
    /// reads: it would say nothing that IccPowerOn does not.
    @Test func doesNotReadNotifications() throws {
        let notification = try vector("ccid-notify").message(0)
        #expect(notification == [0x50, 0x03])
        let (connection, device) = try connect(before: vector("ccid-slot-status"))
        _ = try connection.isCardPresent()
        #expect(device.deviation == nil, "\(device.deviation ?? "")")
    }

    /// Every answer of every vector, cut at each length and changed at random, ends in our error or in a result.
    @Test(arguments: vectors.filter { $0.id != "ccid-notify" })
    func survivesDamagedAnswers(_ vector: Vector) throws {
        var generator = SeededGenerator(seed: 2)
        let configuration = try readerConfiguration()
        for index in vector.reports.indices where vector.reports[index].dir == "in" {
            let whole = try vector.message(index)
            let damaged =
                (0..<whole.count).map { Array(whole.prefix($0)) }
                + (0..<300).map { _ in mutated(whole, using: &generator) }
            for message in damaged {
                var steps = try vector.steps()
                steps[index] = .in(message)
                let (opening, sequence) = (try preamble(vector), try vector.firstSequence())
                let device = ScriptedDevice(opening + steps + [.failure(.timeout), .failure(.timeout)])
                do throws(ConnectionError) {
                    let connection = try CCIDConnection(device: device, configuration: configuration)
                    for _ in 1..<max(sequence, 1) { _ = try connection.isCardPresent() }
                    _ = try connection.transmit(list)
                } catch { continue }
            }
        }
    }

    // MARK: Steps

    private var list: WipedBuffer { WipedBuffer([0x00, 0xA1, 0x00, 0x00, 0x00]) }

    private func vector(_ id: String) throws -> Vector { try #require(Self.vectors.first { $0.id == id }) }

    /// A connection that has counted up to the vector's first bSeq.
    private func connect(before vector: Vector) throws -> (CCIDConnection, ScriptedDevice) {
        let device = ScriptedDevice(try preamble(vector) + vector.steps())
        let connection = try CCIDConnection(device: device, configuration: readerConfiguration())
        for _ in 1..<(try vector.firstSequence()) { _ = try connection.isCardPresent() }
        return (connection, device)
    }

    private func preamble(_ vector: Vector) throws -> [ScriptedDevice.Step] {
        let sequence = try vector.firstSequence()
        guard sequence > 0 else { return [] }
        return powerOn() + (1..<sequence).flatMap { slotStatus(sequence: UInt8($0)) }
    }
}
