import KeyProvision
import MockDevices
import SecretFormats
import USBTransport

/// What each family takes and proves, as people and programs read it. All of it is the data that refusals are made from.
enum KeyTable {
    /// A family as words; nil cells say that there is nothing of the kind.
    struct Row {
        let family: any DeviceFamily
        let virtualModels: [String]

        var features: FamilyFeatures { family.features }

        var kinds: [(name: String, kind: FamilyFeatures.Kind)] {
            [("totp", features.totp), ("hotp", features.hotp), ("reverse-hotp", features.reverseHOTP)]
                .compactMap { name, kind in kind.map { (name, $0) } }
        }

        var algorithms: [String] {
            HashAlgorithm.allCases.filter { algorithm in kinds.contains { $0.kind.algorithms.contains(algorithm) } }
                .map(\.rawValue)
        }

        var ids: [String] { family.usbIDs.sorted().map(\.description) }
        /// Of keys that have switched off what they are driven by.
        var idleIDs: [String] { family.idleIDs.sorted().map(\.description) }

        /// What is known after a write, for each kind.
        var proofs: [(name: String, proof: Verification)] { kinds.map { ($0.name, $0.kind.proof) } }

        var room: String {
            if let slots = features.slots {
                let others = kinds.compactMap { name, kind in kind.slots.map { ", \(name) \($0.text)" } }
                return "slots \(slots.text)" + others.joined()
            }
            let counts = capacities.map { "\($0.count) from \($0.since)" }
            return counts.isEmpty ? features.capacity.map { "\($0)" } ?? "-" : counts.joined(separator: ", ")
        }

        /// How many credentials fit from which firmware on, in order of the versions.
        var capacities: [(since: Version, count: Int)] {
            features.capacitySince.map { (since: $0.key, count: $0.value) }.sorted { $0.since < $1.since }
        }

        var touch: String { features.touch.text }

        /// What each PIN is for.
        var pins: [String] {
            features.pins.map { use in
                let jobs = use.jobs.map(\.rawValue).joined(separator: ", ")
                return "\(use.pin.rawValue): " + jobs + (use.isAlwaysNeeded ? "" : " (where set so)")
            }
        }

        /// Each once.
        var pinNames: [String] {
            features.pins.map(\.pin.rawValue).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }

        /// Seconds of a time step.
        var periods: String {
            guard let totp = features.totp else { return "-" }
            return totp.periods?.map(String.init).joined(separator: ", ")
                ?? totp.longestPeriod.map { (1...$0).text } ?? "any"
        }

        /// What an access code closes; nil where there is none.
        var code: String? {
            switch features.accessCode {
            case .none: nil
            case .application: "key"
            case .slot: "slot"
            }
        }

        /// What needs a firmware, in order of the versions.
        var needs: [(feature: String, version: Version)] {
            var needs = features.algorithmsSince.map { (feature: $0.key.rawValue, version: $0.value) }
            if case .since(let version) = features.touch { needs.append(("touch", version)) }
            if case .since(let version) = features.renaming { needs.append(("rename", version)) }
            if let version = features.codesSince { needs.append(("codes over USB", version)) }
            return needs.sorted { ($0.version, $0.feature) < ($1.version, $1.feature) }
        }

        /// In what it differs from what the columns make one expect.
        var refusals: [String] { [features.hotpRefusal, features.touchRefusal].compactMap { $0?.text } }
    }

    /// Keys that are recognized only.
    static var undriven: [UndrivenKey] { Catalog.undriven }

    static var rows: [Row] {
        Catalog.entries.map { Row(family: $0.family, virtualModels: $0.virtualModels.map(\.name)) }
    }
}

extension UndrivenKey {
    /// A vendor stands as `096e:*`.
    var ids: [String] {
        knownIDs.map(\.description) + (vendor.map { [USBID.hex($0) + ":*"] } ?? [])
    }
}

extension ClosedRange<Int> {
    fileprivate var text: String { "\(lowerBound)-\(upperBound)" }
}

extension FamilyFeatures.Availability {
    /// One word.
    var text: String {
        switch self {
        case .never: "no"
        case .always: "yes"
        case .since(let version): "from \(version)"
        }
    }
}
