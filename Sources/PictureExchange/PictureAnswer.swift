public import ByteBuffers

/// What the reading program writes to its standard output, once, before it ends.
///
/// ```
/// offset  size  field
/// 0       4     "KPIC"
/// 4       1     0: codes were found; otherwise a `PictureFailure.Code`
/// 5       4     number of codes, or the failure's first number        big-endian, as all numbers here
/// 9       4     length of the first code, or the failure's second number
/// 13      n     the first code; then length and bytes of the next
/// ```
///
/// An answer that does not end where its numbers say comes of a program that was ended while it wrote.
public enum PictureAnswer {
    /// The bytes are no answer, or not all of one.
    public struct Malformed: Error, Hashable, Sendable {
        /// Where it breaks off or breaks the layout, counted from 0.
        public let offset: Int
    }

    private static let magic = Array("KPIC".utf8)
    private static let found: UInt8 = 0
    private static let outcomeOffset = 4
    private static let firstNumberOffset = 5
    private static let restOffset = 9
    private static let numberLength = 4

    /// The answer with what codes hold, or why there are none.
    public static func encode(_ outcome: Result<[WipedBuffer], PictureFailure>) -> WipedBuffer {
        let answer = WipedBuffer(capacity: 1024)
        answer.append(contentsOf: magic)
        switch outcome {
        case .success(let codes):
            answer.append(found)
            answer.append(bigEndian: UInt32(clamping: codes.count))
            for code in codes {
                answer.append(bigEndian: UInt32(clamping: code.count))
                answer.append(contentsOf: code)
            }
        case .failure(let failure):
            answer.append(failure.code.rawValue)
            answer.append(bigEndian: failure.first)
            answer.append(bigEndian: failure.second)
        }
        return answer
    }

    public static func decode(_ answer: RawSpan) throws(Malformed) -> Result<[WipedBuffer], PictureFailure> {
        for (offset, byte) in magic.enumerated() where answer.byte(at: offset) != byte {
            throw Malformed(offset: offset)
        }
        guard let outcome = answer.byte(at: outcomeOffset) else { throw Malformed(offset: outcomeOffset) }
        let number = try number(in: answer, at: firstNumberOffset)
        guard outcome == found else {
            let second = try self.number(in: answer, at: restOffset)
            try requireEnd(of: answer, at: restOffset + numberLength)
            return .failure(PictureFailure(PictureFailure.Code(rawValue: outcome), number, second))
        }
        var codes: [WipedBuffer] = []
        var offset = restOffset
        for _ in 0..<number {
            let length = try self.number(in: answer, at: offset)
            let start = offset + numberLength
            guard length <= answer.byteCount - start else { throw Malformed(offset: start) }
            let code = WipedBuffer(capacity: length)
            code.append(contentsOf: answer.extracting(start..<start + length))
            codes.append(code)
            offset = start + length
        }
        try requireEnd(of: answer, at: offset)
        return .success(codes)
    }

    private static func number(in answer: RawSpan, at offset: Int) throws(Malformed) -> Int {
        var number = 0
        for index in offset..<offset + numberLength {
            guard let byte = answer.byte(at: index) else { throw Malformed(offset: index) }
            number = number << UInt8.bitWidth | Int(byte)
        }
        return number
    }

    private static func requireEnd(of answer: RawSpan, at offset: Int) throws(Malformed) {
        guard answer.byteCount == offset else { throw Malformed(offset: offset) }
    }
}
