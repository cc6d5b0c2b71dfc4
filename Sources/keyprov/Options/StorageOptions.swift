import ArgumentParser
import KeyProvision

/// Options that say how the key keeps the credential.
struct StorageOptions: ParsableArguments {
    @Flag(name: .long, help: "The key computes only when it is touched.")
    var touch = false

    @Flag(name: .long, help: "Overwrite a credential of the same name, or in the same slot.")
    var replace = false

    @Flag(name: .customLong("require-pin"), help: "The key computes only after its PIN, on keys that can.")
    var requiresPIN = false

    func writeOptions(slot: Int?) -> WriteOptions { WriteOptions(touch: touch, slot: slot, pin: requiresPIN) }
}
