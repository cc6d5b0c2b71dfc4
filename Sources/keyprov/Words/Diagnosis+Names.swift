import KeyProvision
import MockDevices
import SecretFormats

extension Diagnosis {
    init(_ error: FormatError) {
        let isInBatch = error.code == .duplicate && error.record != nil
        self.init(
            .badInput, error.description,
            hints: isInBatch ? ["if that is meant, as for spare keys, --allow-duplicates takes it"] : [])
    }

    init(_ failure: CredentialFailure) {
        switch failure {
        case .none(let name, let stored, let pin):
            let what = name.map { "no credential '\($0)' is on the key" } ?? "no credential is on the key"
            self.init(
                .failed, what,
                hints: (stored.isEmpty ? [] : ["on the key: " + stored.joined(separator: ", ")])
                    + (pin.map { ["what it keeps behind its \($0.rawValue) PIN shows with \($0.option) FILE"] } ?? []))
        case .several(let name, let matching):
            let what =
                name.map { "'\($0)' matches \(matching.count) credentials" }
                ?? "the key holds \(matching.count) credentials"
            self.init(.usage, what, hints: ["name one of: " + matching.joined(separator: ", ")])
        case .nameInUse(let name):
            self.init(.failed, "the key already holds '\(name)'", hints: ["delete or rename that one first"])
        }
    }

    init(_ failure: VirtualKeyFailure) {
        switch failure {
        case .noSuchModel(let name):
            let models = Catalog.virtualModels.map(\.name).joined(separator: ", ")
            self.init(.usage, "there is no virtual key model '\(name)'", hints: ["models: \(models)"])
        case .malformedName(let name):
            self.init(
                .usage, "'\(name)' is not a name for a virtual key",
                hints: ["use MODEL or MODEL:LABEL with letters, digits, '.', '_' and '-' in the label"])
        case .exists(let name):
            self.init(
                .failed, "the virtual key '\(name)' exists already",
                hints: ["'keyprov virtual reset \(name)' wipes its memory"])
        case .none(let name):
            self.init(.noDevice, "there is no virtual key '\(name)'", hints: ["'keyprov virtual list' lists them"])
        case .inUse(let name):
            self.init(
                .tryAgain, "another process uses the virtual key '\(name)'", hints: ["wait for it, or use another one"])
        case .unreadable(let name, let path):
            self.init(
                .badInput, "the memory of the virtual key '\(name)' cannot be read: \(path)",
                hints: ["'keyprov virtual remove \(name)' gives it up"])
        }
    }
}
