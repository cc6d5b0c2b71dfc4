import ByteBuffers

/// A message that is not USB/IP, or not one that this server takes: where, counted in bytes from its start, and why.
public struct USBIPError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The message ended; so many bytes were still to come.
        case truncated(missing: Int)
        /// Bytes followed where the message should have ended.
        case trailing
        case version(UInt16)
        case operation(UInt16)
        case status(UInt32)
        case command(UInt32)
        case direction(UInt32)
        case endpoint(UInt32)
        /// No text, or one without its closing zero.
        case text
        /// Something else than 0 where nothing stands.
        case padding
        /// More bytes than a transfer may have.
        case length(UInt32)
        case isochronous(packets: UInt32)
        /// Another device than the one that this connection imported.
        case device(UInt32)
        /// A sequence number of a transfer that is still open.
        case sequence(UInt32)
        /// More open transfers than one connection may have.
        case openTransfers
        /// The first message did not come in time.
        case silence
    }

    public let reason: Reason
    public let offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    init(_ end: ByteReader.EndOfBytes, _ reader: ByteReader) {
        self.init(.truncated(missing: max(end.needed - reader.remaining, 0)), at: end.offset)
    }
}

extension ByteReader {
    /// Reads a whole message; the only error inside is that it ends too early.
    static func message<Message>(
        _ bytes: [UInt8], _ body: (inout ByteReader) throws(ByteReader.EndOfBytes) -> Message
    ) throws(USBIPError) -> Message {
        var reader = ByteReader(bytes)
        let message: Message
        do throws(ByteReader.EndOfBytes) {
            message = try body(&reader)
        } catch {
            throw USBIPError(error, reader)
        }
        guard reader.isAtEnd else { throw USBIPError(.trailing, at: reader.offset) }
        return message
    }

    /// The next part of a message that has several.
    mutating func part(_ count: Int) throws(USBIPError) -> [UInt8] {
        do throws(ByteReader.EndOfBytes) {
            return Array(try bytes(count))
        } catch {
            throw USBIPError(error, self)
        }
    }
}
