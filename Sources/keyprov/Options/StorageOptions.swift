import ArgumentParser
import KeyProvision

/// Options that say how the key keeps the credential.
struct StorageOptions: ParsableArguments {
    @Flag(name: .long, help: "The key computes only when it is touched.")
    var touch = false

    @Flag(name: .long, help: "Overwrite a credential of the same name, or in the same slot.")
    var replace = false

    @Option(name: .customLong("pin-file"), help: ArgumentHelp("PIN, for keys that have one.", valueName: "file"))
    var pinFile: String?

    /// - Throws: `.notSupported` for a PIN: no family that is driven has one for one-time passwords.
    func writeOptions(slot: Int?) throws(DeviceError) -> WriteOptions {
        guard pinFile == nil else { throw .notSupported(.pin) }
        return WriteOptions(touch: touch, slot: slot)
    }
}
