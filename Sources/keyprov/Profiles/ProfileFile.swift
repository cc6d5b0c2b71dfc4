import ByteBuffers

extension Profile {
    /// Bytes of a profile file. The longest that is built in has a tenth of that.
    static let longestFile = 1 << 16

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Reads a profile file (UTF-8, lines ending in LF or CR LF).
    init(parsing bytes: [UInt8], name: String) throws(ProfileError) {
        var parser = ProfileParser()
        var number = 0
        for line in bytes.split(separator: Self.lineFeed, omittingEmptySubsequences: false) {
            number += 1
            let content = line.last == Self.carriageReturn ? line.dropLast() : line
            guard let text = String(validating: content, as: UTF8.self) else {
                throw ProfileError(line: number, reason: .notUTF8)
            }
            if let statement = try ProfileStatement(text, line: number) { try parser.take(statement) }
        }
        self = try parser.profile(named: name, lastLine: number)
    }
}
