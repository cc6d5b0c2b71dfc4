internal import ByteBuffers

/// What the files about Yubico OTP share.
extension TokenRecord {
    func yubicoCredential() throws(FormatError) -> YubicoOTPCredential {
        guard case .yubicoOTP(let credential) = content else {
            throw FormatError(.unsupported, .unknownType, field: .type)
        }
        return credential
    }
}

extension CSVRow {
    /// Modhex; none when the field is empty.
    func publicID(_ index: Int) throws(FormatError) -> [UInt8] {
        try withField(index) { (bytes: RawSpan) throws(FormatError) in
            do throws(FormatError) {
                return try Modhex.decode(bytes).withBytes { [UInt8](copying: $0) }
            } catch {
                throw error.about(.publicID)
            }
        }
    }

    /// Hexadecimal; nil when the field is empty, or all zeros, which stands for none.
    func accessCode(_ index: Int) throws(FormatError) -> Secret? {
        let code = try withField(index) { (bytes: RawSpan) throws(FormatError) in
            do throws(FormatError) { return try Hex.decode(bytes) } catch { throw error.about(.accessCode) }
        }
        let isNone = code.withBytes { bytes in (0..<bytes.byteCount).allSatisfy { bytes[byte: $0] == 0 } }
        return isNone ? nil : code
    }
}

extension CSVWriter {
    mutating func publicID(_ credential: YubicoOTPCredential) {
        raw { output in WipedBuffer(credential.publicID).withBytes { Modhex.encode($0, into: output) } }
    }
}
