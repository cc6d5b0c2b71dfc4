import ByteBuffers
import SecretFormats

/// By what an entry of the OTP application is told apart. Names are matched byte by byte.
///
///     0  1  length a, 0 to 64
///     1  a  name of the application, ASCII: the issuer
///     …  1  length n, 1 to 64
///     …  n  name of the account, ASCII
struct Token2Name: Hashable, Sendable {
    let application: [UInt8]
    let account: [UInt8]

    /// - Parameter label: one whose parts the features of the family let pass.
    init(_ label: Label) {
        (application, account) = (Array((label.issuer ?? "").utf8), Array(label.account.utf8))
    }

    init(from reader: inout ByteReader) throws(ByteReader.EndOfBytes) {
        application = Array(try reader.bytes(Int(try reader.uint8())))
        account = Array(try reader.bytes(Int(try reader.uint8())))
    }

    /// - Parameter id: as `bytes` gave it.
    init?(id: [UInt8]) {
        var reader = ByteReader(id)
        guard let name = try? Token2Name(from: &reader), reader.isAtEnd else { return nil }
        self = name
    }

    var bytes: [UInt8] {
        [UInt8(truncatingIfNeeded: application.count)] + application
            + [UInt8(truncatingIfNeeded: account.count)] + account
    }
}

/// What the key tells of an entry.
///
///     0  1  type: 0 HOTP, 1 TOTP; in the first byte of a page, bit 7 says that another one follows
///     1  1  hash: C1 SHA-1, C2 SHA-256
///     2  2  time step in seconds, big-endian
///     4  1  digits, 4 to 10
///     5  1  not 0 where it asks for its button
///     6  …  the names
///     …  1  length c     this and the next: in a page only of TOTP without button; always where one entry was asked for
///     …  c  code, ASCII digits
struct Token2Entry: Hashable {
    let type: UInt8
    let hash: UInt8
    let period: UInt16
    let digits: UInt8
    let needsButton: Bool
    let name: Token2Name
    let code: String?

    /// Not of this layout.
    struct Malformed: Error, Hashable {}

    struct Page: Hashable {
        let entries: [Token2Entry]
        let hasMore: Bool
    }

    /// - Throws: for a page without entries too.
    static func page(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> Page {
        guard let first = bytes.first else { throw Malformed() }
        var reader = ByteReader([first & ~Token2Wire.Kind.morePages] + bytes.dropFirst())
        var entries: [Token2Entry] = []
        while !reader.isAtEnd { entries.append(try Token2Entry(from: &reader, isAlone: false)) }
        return Page(entries: entries, hasMore: first & Token2Wire.Kind.morePages != 0)
    }

    /// The answer to a question for one entry.
    init(alone bytes: ArraySlice<UInt8>) throws(Malformed) {
        var reader = ByteReader(bytes)
        self = try Token2Entry(from: &reader, isAlone: true)
        guard reader.isAtEnd else { throw Malformed() }
    }

    private init(from reader: inout ByteReader, isAlone: Bool) throws(Malformed) {
        do throws(ByteReader.EndOfBytes) {
            (type, hash, period) = (try reader.uint8(), try reader.uint8(), try reader.bigEndian16())
            (digits, needsButton) = (try reader.uint8(), try reader.uint8() != 0)
            name = try Token2Name(from: &reader)
            let hasCode = isAlone || type == Token2Wire.Kind.totp && !needsButton
            code = hasCode ? try Self.code(&reader) : nil
        } catch {
            throw Malformed()
        }
        // Whether a code stands behind an entry of another type nobody knows.
        guard type == Token2Wire.Kind.totp || type == Token2Wire.Kind.hotp,
            code?.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) != false,
            code == nil || code?.utf8.count == Int(digits)
        else { throw Malformed() }
    }

    private static func code(_ reader: inout ByteReader) throws(ByteReader.EndOfBytes) -> String {
        String(decoding: try reader.bytes(Int(try reader.uint8())), as: UTF8.self)
    }

    // MARK: Writing

    /// A new entry, before it is encrypted: what `init` reads up to the names, then the seed.
    ///
    ///     …  1  length s, 1 to 64
    ///     …  s  seed
    ///
    /// - Parameters:
    ///   - credential: one that the features of the family let pass.
    ///   - seed: 1 to 64 bytes.
    static func cleartext(_ credential: Credential, named name: Token2Name, seed: Secret) -> WipedBuffer {
        let buffer = WipedBuffer()
        switch credential.kind {
        case .totp(let period):
            buffer.append(Token2Wire.Kind.totp)
            buffer.append(credential.algorithm.token2Number)
            buffer.append(bigEndian: UInt16(clamping: period))
        case .hotp:
            buffer.append(Token2Wire.Kind.hotp)
            buffer.append(credential.algorithm.token2Number)
            buffer.append(bigEndian: Self.hotpPeriod)
        }
        buffer.append(UInt8(clamping: credential.digits))
        buffer.append(Self.withoutButton)
        buffer.append(contentsOf: name.bytes)
        buffer.append(UInt8(clamping: seed.count))
        seed.withBytes { buffer.append(contentsOf: $0) }
        return buffer
    }

    /// The same with nothing but the names in it takes the entry off the key.
    static func deletion(of name: Token2Name) -> WipedBuffer {
        let buffer = WipedBuffer()
        buffer.append(repeating: 0, count: Self.headLength)
        buffer.append(contentsOf: name.bytes)
        buffer.append(0)
        return buffer
    }

    /// Type, hash, time step, digits, button.
    private static let headLength = 6
    private static let withoutButton: UInt8 = 0
    /// HOTP has none; the maker's client writes its default.
    private static let hotpPeriod: UInt16 = 30
}

extension HashAlgorithm {
    /// The features of the family let no third one pass.
    var token2Number: UInt8 { self == .sha256 ? Token2Wire.sha256 : Token2Wire.sha1 }
}
