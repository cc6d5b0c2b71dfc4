import KeyProvision

/// Something failed of what goes beyond one key: what is done by then, and what is left.
struct UnfinishedImport: Error {
    enum Part {
        /// Nothing was written yet.
        case spareRefused
        /// The first key holds the credential.
        case spareUnwritten(first: DeviceInfo)
        /// Every key holds the credential, and the codes for the server were handed out.
        case recoveryCodes
    }

    let part: Part
    /// Of the credential.
    let name: String
    let cause: any Error

    /// Runs `body`, and says of its error what it left undone.
    static func wrap<Result>(_ part: Part, name: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw UnfinishedImport(part: part, name: name, cause: error) }
    }
}
