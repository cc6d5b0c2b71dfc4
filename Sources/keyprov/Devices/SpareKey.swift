import KeyProvision
import SecretFormats
import USBTransport

/// The second key of a person: another one than the first, which may have been pulled out to make room for it.
struct SpareKey {
    let options: SpareOptions
    let console: Console
    private static let patience: Duration = .seconds(3600)

    /// Refuses a name of the second key that cannot be another one than the first.
    func checkNames(beside first: DeviceOptions) throws(ImportFailure) {
        guard let name = first.virtual, options.spareDevice == nil else { return }
        guard let spare = options.spareVirtual else { throw .virtualSpare }
        guard spare != name else { throw .sameKey }
    }

    /// The options that choose it where it can be looked at before the first one is written: it was named, or is the
    /// only other one that is attached. Nil where it is still to be plugged in.
    func optionsIfAttached(beside first: DeviceOptions, _ info: DeviceInfo) throws -> DeviceOptions? {
        if let named = try named(beside: first, info) { return named }
        let host = try World.current.openBus()
        return try onlyOther(on: host, than: info.location, slot: first.slot).map { options(at: $0, first) }
    }

    /// The options that choose it; waits for it to be plugged in where none was named.
    ///
    /// - Parameters:
    ///   - first: the options that chose the first key.
    ///   - info: what that one said of itself.
    func options(beside first: DeviceOptions, _ info: DeviceInfo) throws -> DeviceOptions {
        if let named = try named(beside: first, info) { return named }
        return options(at: try awaitOther(than: info, slot: first.slot), first)
    }

    private func named(
        beside first: DeviceOptions, _ info: DeviceInfo
    ) throws(ImportFailure) -> DeviceOptions? {
        guard options.spareDevice != nil || options.spareVirtual != nil else { return nil }
        switch options.spareDevice {
        // A virtual key is on a bus of its own.
        case .location(info.location)? where first.virtual == nil: throw .sameKey
        case .serial(let serial)? where serial == info.serial: throw .sameKey
        default: break
        }
        var chosen = first
        (chosen.device, chosen.virtual) = (options.spareDevice, options.spareVirtual)
        return chosen
    }

    private func options(at location: USBLocation, _ first: DeviceOptions) -> DeviceOptions {
        var chosen = first
        (chosen.device, chosen.virtual) = (.location(location), nil)
        return chosen
    }

    /// Where the only known key is that is not at `location`.
    private func onlyOther(
        on host: any USBHost, than location: USBLocation?, slot: Int?
    ) throws -> USBLocation? {
        let others = try host.devices().compactMap { Candidate($0, slot: slot) }
            .filter { $0.recognition.obstacle == nil && $0.description.location != location }
        guard others.count < 2 else { throw CommandFailure.severalDevices(others.map(\.attached)) }
        return others.first?.description.location
    }

    /// Where a known key is that is not the first one.
    private func awaitOther(than first: DeviceInfo, slot: Int?) throws -> USBLocation {
        let host = try World.current.openBus()
        var isFirstHere = true
        var hasAsked = false
        while true {
            try World.current.checkInterruption()
            if let other = try onlyOther(on: host, than: isFirstHere ? first.location : nil, slot: slot) {
                return other
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
