internal import ByteBuffers

/// Google Authenticator's "transfer accounts": URIs for QR codes, one page a line.
///
/// Read: the pages of one batch in any order; a page that is missing or there twice is an error, because accounts
/// would be lost without a word. Written: as many accounts a page as fit a symbol of version 25, which phones read from
/// a screen; every page says how many there are, so they are put out at the end, and this format alone takes the memory
/// of all its records.
struct MigrationFormat: SecretFormat {
    let name = "otpauth-migration"
    let summary = "export of Google Authenticator, pages for QR codes"
    let limits = FormatLimits(
        readBy: "Google Authenticator", digits: [6, 8], periods: .oneOf([30]), counters: 0...UInt64(Int32.max),
        carried: [.issuer, .account])

    func recognizes(_ start: RawSpan) -> Bool {
        start.extracting(LineReader.firstText(of: start)).starts(withASCII: MigrationPage.scheme)
    }

    func makeDecoder(_ source: any ByteSource, options: DecodingOptions) -> any RecordDecoding {
        MigrationDecoder(LineReader(source))
    }

    func makeEncoder(options: EncodingOptions) throws(FormatError) -> any RecordEncoding {
        MigrationEncoder(batch: try Self.batch(options.random))
    }

    /// A number that the pages of no other export have, in 31 bits as Google's field is signed.
    private static func batch(_ random: any RandomSource) throws(FormatError) -> UInt64 {
        let bytes: Secret
        do throws(CryptoError) {
            bytes = try Secret.random(count: 4, from: random)
        } catch {
            throw FormatError(.failed, .cryptography)
        }
        var number: UInt64 = 0
        bytes.withBytes { bytes in
            for offset in 0..<bytes.byteCount { number = number << 8 | UInt64(bytes[byte: offset]) }
        }
        return number & UInt64(Int32.max)
    }
}

private final class MigrationDecoder: RecordDecoding {
    private let lines: LineReader
    private var batch: (number: UInt64, count: UInt64)?
    private var pages: Set<UInt64> = []
    private var waiting: ArraySlice<Credential> = []

    init(_ lines: LineReader) { self.lines = lines }

    func next() throws(FormatError) -> TokenRecord? {
        while waiting.isEmpty {
            let page = try lines.next { (line: RawSpan) throws(FormatError) in try readPage(line) }
            guard let page else {
                if let batch, UInt64(pages.count) < batch.count {
                    throw FormatError(.missing, .missingPages(of: batch.count, there: pages))
                }
                return nil
            }
            waiting = page.credentials[...]
        }
        return waiting.popFirst().map { TokenRecord(credential: $0) }
    }

    private func readPage(_ line: RawSpan) throws(FormatError) -> MigrationPage {
        let page = try MigrationPage(parsing: line)
        if let batch, batch.number != page.batch || batch.count != page.count {
            throw FormatError(.malformed, .otherBatch)
        }
        batch = (page.batch, page.count)
        guard pages.insert(page.index).inserted else { throw FormatError(.duplicate, .givenTwice) }
        return page
    }
}

private final class MigrationEncoder: RecordEncoding {
    private let batch: UInt64
    private var accounts: [WipedBuffer] = []
    /// Where the pages begin.
    private var starts: [Int] = []

    /// Bytes that a QR code of version 25 holds at level L (ISO/IEC 18004 table 7).
    private static let longestPage = 1273
    /// Numbers of pages that take as many bytes as any real one.
    private static let manyPages = UInt64(Int32.max)

    init(batch: UInt64) { self.batch = batch }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        accounts.append(MigrationParameters.encode(try record.oathCredential()))
        let last = accounts.count - 1
        guard let start = starts.last else { return starts.append(last) }
        let length =
            MigrationPage.uri(accounts: accounts[start...], count: Self.manyPages, index: Self.manyPages, batch: batch)
            .count
        if length > Self.longestPage { starts.append(last) }
    }

    func end(into output: WipedBuffer) {
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : accounts.count
            let uri = MigrationPage.uri(
                accounts: accounts[start..<end], count: UInt64(starts.count), index: UInt64(index), batch: batch)
            output.append(contentsOf: uri)
            output.append(UInt8(ascii: "\n"))
        }
    }
}

extension FormatError.Reason {
    /// Which pages are not there, counted from 1 as the exporting app shows them.
    static func missingPages(of count: UInt64, there: Set<UInt64>) -> Self {
        // A page may claim any count; the first ones that are missing say enough.
        let missing = (0..<count).lazy.filter { !there.contains($0) }.prefix(longestList).map { String($0 + 1) }
        let isMore = count - UInt64(there.count) > UInt64(longestList)
        let list = missing.joined(separator: ", ") + (isMore ? " and others" : "")
        let isOne = count - UInt64(there.count) == 1
        return Self(
            composing: "\(isOne ? "page" : "pages") \(list) of \(count) of the export \(isOne ? "is" : "are") missing")
    }

    private static let longestList = 5

    public static let otherBatch: Self = "a page of another export"
}
