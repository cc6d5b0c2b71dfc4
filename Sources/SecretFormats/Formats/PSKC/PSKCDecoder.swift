internal import ByteBuffers

/// Reads the packages of a `KeyContainer` one after another.
final class PSKCDecoder: RecordDecoding {
    private let stream: XMLStream
    private let passphrase: Secret?
    private var encryption = PSKCEncryption()
    private var keys: PSKCKeys?
    private var container: Int?
    private var hasKeys = false
    private var isDone = false
    private(set) var leftOut: Set<FormatError.Field> = []

    init(_ stream: XMLStream, passphrase: Secret?) {
        self.stream = stream
        self.passphrase = passphrase
    }

    func next() throws(FormatError) -> TokenRecord? {
        if container == nil { container = try start() }
        guard let container, !isDone else { return nil }
        while try stream.nextChild(of: container) {
            if stream.isElement("KeyPackage") {
                if let record = try package() { return record }
                leftOut.insert(.pin)
            } else if stream.isElement("EncryptionKey") {
                try encryption.readEncryptionKey(stream)
            } else if stream.isElement("MACMethod") {
                try encryption.readMACMethod(stream)
            } else {
                leftOut.insert(.signature)
                try stream.skip()
            }
        }
        isDone = true
        try stream.finish()
        return nil
    }

    /// Goes to the container; its depth.
    private func start() throws(FormatError) -> Int {
        try stream.root()
        guard stream.isElement("KeyContainer"), stream.isInNamespace(PSKC.namespace) else {
            throw stream.failure(.malformed, .notPSKC)
        }
        isDone = stream.isEmpty
        return stream.currentDepth
    }

    private func package() throws(FormatError) -> TokenRecord? {
        let line = stream.line
        do throws(FormatError) {
            if !hasKeys {
                keys = try encryption.keys(passphrase: passphrase)
                hasKeys = true
            }
            let package = try PSKCPackage(stream)
            leftOut.formUnion(package.leftOut)
            return try package.record(keys: keys)
        } catch {
            throw error.line == nil ? error.on(line: line) : error
        }
    }
}

extension FormatError.Reason {
    public static let notPSKC: Self = "not a PSKC key container"
}
