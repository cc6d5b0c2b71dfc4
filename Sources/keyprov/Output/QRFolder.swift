import Dispatch
import Glibc
import SecretFormats
import Synchronization

/// QR codes as PNG files in a folder, `0001.png` and on: names that tell nothing.
struct QRFolder {
    private let folder: String
    private let digits: Int

    init(_ folder: String, count: Int) throws(FileError) {
        try Files.makeFolder(folder)
        self.folder = folder
        digits = max(String(count).count, 4)
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

    private func write(_ credential: Credential, number: Int) throws {
        let code = try QRCode(encoding: OTPAuthURI.encode(credential))
        let file = try NewFile("\(folder)/\(fileName(number))")
        try file.write(code.png())
        try file.commit()
    }

    private func fileName(_ number: Int) -> String {
        let name = String(number)
        return String(repeating: "0", count: max(digits - name.count, 0)) + name + ".png"
    }
}
