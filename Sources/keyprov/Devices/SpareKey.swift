import KeyProvision
import SecretFormats
import USBTransport

/// The second key of a person: another one than the first, which may have been pulled out to make room for it.
struct SpareKey {
    let options: SpareOptions
    let console: Console
    private static let patience: Duration = .seconds(3600)

    /// The options that choose it; waits for it to be plugged in where none was named.
    ///
    /// - Parameters:
    ///   - first: the options that chose the first key.
    ///   - info: what that one said of itself.
    func options(beside first: DeviceOptions, _ info: DeviceInfo) throws -> DeviceOptions {
        var chosen = first
        (chosen.device, chosen.virtual) = (options.spareDevice, options.spareVirtual)
        guard options.spareDevice == nil, options.spareVirtual == nil else { return chosen }
        guard first.virtual == nil else { throw ImportFailure.virtualSpare }
        chosen.device = .location(try awaitOther(than: info, slot: first.slot))
        return chosen
    }

    /// Where a known key is that is not the first one.
    private func awaitOther(than first: DeviceInfo, slot: Int?) throws -> USBLocation {
        let host = try World.current.openBus()
        var isFirstHere = true
        var hasAsked = false
        while true {
            try World.current.checkInterruption()
            let known = try host.devices().compactMap { Candidate($0, slot: slot) }
                .filter { $0.recognition.obstacle == nil }
            let others = known.filter { !(isFirstHere && $0.description.location == first.location) }
            if let other = others.first {
                guard others.count == 1 else { throw CommandFailure.severalDevices(others.map(\.attached)) }
                return other.description.location
            }
            if !hasAsked { console.say("plug in the spare key; the first one may be pulled out") }
            hasAsked = true
            switch try host.nextChange(timeout: Self.patience) {
            // What is plugged in there next is another key, or the same one, which its serial number tells.
            case .left(let left)? where left.location == first.location: isFirstHere = false
            default: break
            }
        }
    }
}
