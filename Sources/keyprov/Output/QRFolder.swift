import ByteBuffers
import Dispatch
import Glibc
import SecretFormats
import Synchronization

/// QR codes as PNG files in a folder, `0001.png` and on: names that tell nothing.
struct QRFolder {
    private let folder: String
    private let prefix: String
    private let digits: Int

    init(_ folder: String, count: Int, prefix: String = "", digits: Int = 4) throws(FileError) {
        try Files.makeFolder(folder)
        self.folder = folder
        self.prefix = prefix
        self.digits = max(String(count).count, digits)
        let taken = Set(try Files.names(in: folder))
        // Before anything is generated, so that no code is drawn that ends up nowhere.
        guard !taken.isEmpty, let first = (1...max(count, 1)).lazy.map(fileName).first(where: taken.contains) else {
            return
        }
        throw FileError(.create, "\(folder)/\(first)", number: EEXIST)
    }

    /// Draws and writes on all cores; the first error ends it.
    func write(_ credentials: [Credential], from first: Int) throws {
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: credentials.count) { index in
            guard failure.withLock({ $0 == nil }) else { return }
            do {
                try write(credentials[index], number: first + index)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Writes each line as `page-001.png` and on.
    ///
    /// - Returns: how many there are.
    static func write(lines: WipedBuffer, to folder: String) throws -> Int {
        let pages = lines.nonemptyLines
        let folder = try QRFolder(folder, count: pages.count, prefix: "page-", digits: 3)
        for (index, page) in pages.enumerated() {
            try World.current.checkInterruption()
            try folder.write(page, number: index + 1)
        }
        return pages.count
    }

    private func write(_ credential: Credential, number: Int) throws {
        try write(OTPAuthURI.encode(credential), number: number)
    }

    /// A page with many accounts is shown on a screen, where nothing is folded or stained: it takes less correction.
    private func write(_ text: Secret, number: Int) throws {
        let code = try QRCode(encoding: text, correction: text.count > Self.longestWithCorrection ? .l : .m)
        let file = try NewFile("\(folder)/\(fileName(number))")
        try file.write(code.png())
        try file.commit()
    }

    private func fileName(_ number: Int) -> String {
        let name = String(number)
        return prefix + String(repeating: "0", count: max(digits - name.count, 0)) + name + ".png"
    }

    /// Bytes; more is no single credential.
    private static let longestWithCorrection = 512
}

extension WipedBuffer {
    /// What stands between the line breaks, without empty lines.
    fileprivate var nonemptyLines: [Secret] {
        withBytes { bytes in
            var lines: [Secret] = []
            var start = 0
            for offset in 0...bytes.byteCount where (bytes.byte(at: offset) ?? UInt8(ascii: "\n")) == UInt8(ascii: "\n")
            {
                if offset > start { lines.append(Secret(copying: bytes.extracting(start..<offset))) }
                start = offset + 1
            }
            return lines
        }
    }
}
