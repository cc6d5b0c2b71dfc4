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
        for (field, text) in [
            (FormatError.Field.serial, record.serial), (.manufacturer, record.manufacturer), (.model, record.model),
            (.owner, record.owner), (.issuer, record.credential?.label.issuer),
            (.account, record.credential?.label.account),
        ] {
            try XMLLibrary.check(text, field)
        }
        switch record.content {
        case .oath(let credential):
            let sealed = try seal(credential.secret)
            writePackage(record, credential.isCounted ? PSKC.hotp : PSKC.totp) { write(credential, of: record, sealed) }
        case .yubicoOTP(let credential):
            let sealed = try seal(credential.key)
            writePackage(record, PSKC.yubico) { write(credential, sealed) }
        }
        writer.newLine()
        try writer.flush(into: output)
    }

    func end(into output: WipedBuffer) throws(FormatError) {
        writer.end()
        writer.endDocument()
        try writer.flush(into: output)
    }

    private func seal(_ secret: Secret) throws(FormatError) -> PSKCSealing.Sealed? {
        try sealing.map { (sealing: PSKCSealing) throws(FormatError) in try sealing.seal(secret) }
    }

    private func writePackage(_ record: TokenRecord, _ algorithm: StaticString, _ content: () -> Void) {
        let serial = record.serial ?? ""
        writer.element("pskc:KeyPackage") {
            writer.element("pskc:DeviceInfo") {
                if let manufacturer = record.manufacturer { writer.text("pskc:Manufacturer", manufacturer) }
                writer.text("pskc:SerialNo", serial)
                if let model = record.model { writer.text("pskc:Model", model) }
                // Where the key has no place for its user, the device has.
                if record.credential == nil, let owner = record.owner { writer.text("pskc:UserId", owner) }
            }
            writer.element("pskc:Key", ["Id": serial, "Algorithm": algorithm.description], content)
        }
    }

    private func write(_ credential: Credential, of record: TokenRecord, _ sealed: PSKCSealing.Sealed?) {
        let account = credential.label.account
        if let issuer = credential.label.issuer { writer.text("pskc:Issuer", issuer) }
        writer.element("pskc:AlgorithmParameters") {
            if credential.algorithm != .sha1 {
                writer.text("pskc:Suite", format.suitePrefix + credential.algorithm.rawValue)
            }
            writer.element("pskc:ResponseFormat", ["Length": String(credential.digits), "Encoding": "DECIMAL"])
        }
        if account != record.serial, account != record.owner { writer.text("pskc:FriendlyName", account) }
        writer.element("pskc:Data") {
            write(credential.secret, sealed)
            switch credential.kind {
            case .hotp(let counter): writeNumber("pskc:Counter", counter)
            case .totp(let period):
                writeNumber("pskc:Time", 0)
                writeNumber("pskc:TimeInterval", period)
            }
        }
        if let owner = record.owner { writer.text("pskc:UserId", owner) }
    }

    /// As the personalization tool has it, see `PSKCPackage`. The private identity stays in clear: the tool has no other
    /// place for it.
    private func write(_ credential: YubicoOTPCredential, _ sealed: PSKCSealing.Sealed?) {
        writer.element("pskc:AlgorithmParameters") {
            writer.element(
                "pskc:ResponseFormat",
                ["Length": String(credential.passwordLength), "Encoding": PSKC.alphanumeric.description])
        }
        writer.element("pskc:Data") { write(credential.key, sealed) }
        let user = WipedBuffer()
        user.append("CN=")
        WipedBuffer(credential.publicID).withBytes { Modhex.encode($0, into: user) }
        user.append(", UID=")
        credential.privateID.withBytes { Hex.encode($0, into: user) }
        user.withBytes { writer.plainText("pskc:UserId", $0) }
    }

    private func write(_ secret: Secret, _ sealed: PSKCSealing.Sealed?) {
        writer.element("pskc:Secret") {
            if let sealed {
                sealing?.write(sealed, writer)
            } else {
                secret.withBytes { bytes in writer.base64("pskc:PlainValue", bytes) }
            }
        }
    }

    private func writeNumber(_ name: String, _ number: some BinaryInteger) {
        writer.element(name) { writer.text("pskc:PlainValue", String(number)) }
    }
}
