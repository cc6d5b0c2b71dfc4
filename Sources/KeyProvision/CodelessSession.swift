import SecretFormats

/// A session with a key that shows or types its codes to a person and tells the host none.
protocol CodelessSession: ProvisioningSession {}

extension CodelessSession {
    func code(for credential: StoredCredential, at unixTime: UInt64) throws(DeviceError) -> DeviceCode {
        throw .notSupported(.codesOnKeyOnly)
    }

    func codes(at unixTime: UInt64) throws(DeviceError) -> [DeviceCode] {
        try list().map { DeviceCode(credential: $0, value: .onDeviceOnly) }
    }
}
