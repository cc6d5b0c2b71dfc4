internal import ByteBuffers

/// Writes a `KeyContainer`, a package a line.
final class PSKCEncoder: RecordEncoding {
    private let format: PSKCFormat
    private let writer: XMLWriter
    private let sealing: PSKCSealing?

    init(format: PSKCFormat, writer: XMLWriter, sealing: PSKCSealing?) {
        self.format = format
        self.writer = writer
        self.sealing = sealing
    }

    func start(into output: WipedBuffer) throws(FormatError) {
        writer.startDocument()
        writer.start("pskc:KeyContainer", PSKC.prefixes)
        try sealing?.writeHead(writer)
        writer.newLine()
        try writer.flush(into: output)
    }

    func append(_ record: TokenRecord, into output: WipedBuffer) throws(FormatError) {
        let credential = try record.oathCredential()
        let account = credential.label.account
        for (field, text) in [
            (FormatError.Field.serial, record.serial), (.manufacturer, record.manufacturer), (.model, record.model),
            (.owner, record.owner), (.issuer, credential.label.issuer), (.account, account),
        ] {
            try XMLLibrary.check(text, field)
        }
        let sealed = try sealing.map { (sealing: PSKCSealing) throws(FormatError) in
            try sealing.seal(credential.secret)
        }
        let serial = record.serial ?? ""
        writer.element("pskc:KeyPackage") {
            writer.element("pskc:DeviceInfo") {
                if let manufacturer = record.manufacturer { writer.text("pskc:Manufacturer", manufacturer) }
                writer.text("pskc:SerialNo", serial)
                if let model = record.model { writer.text("pskc:Model", model) }
            }
            writer.element(
                "pskc:Key", ["Id": serial, "Algorithm": (credential.isCounted ? PSKC.hotp : PSKC.totp).description]
            ) {
                if let issuer = credential.label.issuer { writer.text("pskc:Issuer", issuer) }
                writeParameters(credential)
                if account != serial, account != record.owner { writer.text("pskc:FriendlyName", account) }
                writer.element("pskc:Data") { writeData(credential, sealed) }
                if let owner = record.owner { writer.text("pskc:UserId", owner) }
            }
        }
        writer.newLine()
        try writer.flush(into: output)
    }

    func end(into output: WipedBuffer) throws(FormatError) {
        writer.end()
        writer.endDocument()
        try writer.flush(into: output)
    }

    private func writeParameters(_ credential: Credential) {
        writer.element("pskc:AlgorithmParameters") {
            if credential.algorithm != .sha1 {
                writer.text("pskc:Suite", format.suitePrefix + credential.algorithm.rawValue)
            }
            writer.element("pskc:ResponseFormat", ["Length": String(credential.digits), "Encoding": "DECIMAL"])
        }
    }

    private func writeData(_ credential: Credential, _ sealed: (ciphertext: [UInt8], mac: [UInt8])?) {
        writer.element("pskc:Secret") {
            if let sealed {
                sealing?.write(sealed, writer)
            } else {
                credential.secret.withBytes { bytes in writer.base64("pskc:PlainValue", bytes) }
            }
        }
        switch credential.kind {
        case .hotp(let counter): writeNumber("pskc:Counter", counter)
        case .totp(let period):
            writeNumber("pskc:Time", 0)
            writeNumber("pskc:TimeInterval", period)
        }
    }

    private func writeNumber(_ name: String, _ number: some BinaryInteger) {
        writer.element(name) { writer.text("pskc:PlainValue", String(number)) }
    }
}
