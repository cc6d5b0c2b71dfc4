import Testing

@testable import ByteBuffers

@Suite struct ByteReaderTests {
    @Test func `numbers are read in the order that the name says`() throws {
        var reader = ByteReader([0x01, 0x02, 0x03, 0x04, 0x05, 0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x23, 0xF4])
        #expect(try reader.uint8() == 0x01)
        #expect(try reader.littleEndian16() == 0x0302)
        #expect(try reader.bigEndian16() == 0x0405)
        #expect(try reader.littleEndian32() == 0x1413_1211)
        #expect(try reader.bigEndian32() == 0x2122_23F4)
        #expect(reader.isAtEnd)
        #expect(reader.offset == 13)
    }

    @Test func `a failed read says where and for how much, and takes nothing`() throws {
        var reader = ByteReader([1, 2, 3])
        _ = try reader.uint8()
        #expect(throws: ByteReader.EndOfBytes(offset: 1, needed: 4)) { try reader.littleEndian32() }
        #expect(throws: ByteReader.EndOfBytes(offset: 1, needed: 4)) { try reader.bigEndian32() }
        #expect(throws: ByteReader.EndOfBytes(offset: 1, needed: 3)) { try reader.bytes(3) }
        #expect(reader.remaining == 2)
        #expect(try reader.bigEndian16() == 0x0203)
        #expect(throws: ByteReader.EndOfBytes(offset: 3, needed: 1)) { try reader.uint8() }
        #expect(throws: ByteReader.EndOfBytes(offset: 3, needed: 2)) { try reader.littleEndian16() }
        #expect(throws: ByteReader.EndOfBytes(offset: 3, needed: 2)) { try reader.bigEndian16() }
    }

    @Test(arguments: [-1, Int.min, Int.max])
    func `no count of bytes is out of bounds`(count: Int) {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: ByteReader.EndOfBytes(offset: 0, needed: count)) { try reader.bytes(count) }
        #expect(reader.remaining == 3)
    }

    @Test func `offsets count from the start of a slice`() throws {
        var reader = ByteReader([9, 9, 1, 2, 3][2...])
        #expect(reader.offset == 0)
        #expect(reader.next == 1)
        #expect(try reader.bytes(0).isEmpty)
        #expect(try Array(reader.bytes(2)) == [1, 2])
        #expect(reader.offset == 2)
        #expect(Array(reader.remainder()) == [3])
        #expect(reader.isAtEnd)
        #expect(reader.offset == 3)
        #expect(reader.next == nil)
        #expect(reader.remainder().isEmpty)
    }
}
