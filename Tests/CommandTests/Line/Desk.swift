import MockDevices
import Synchronization
import TestSupport
import USBTransport

/// A desk with a box of virtual keys and somebody who plugs them in: when the line waits, all keys are pulled out and others
/// are plugged in, in an order that only the seed knows. Some are pulled out while they are worked on, some transfers fail.
final class Desk: USBHost {
    struct Mischief: Sendable {
        /// Of a hundred keys that are plugged in, how many have a fault in one of their next transfers.
        var faults = 0
        /// Of a hundred looks at the bus, at how many a key is pulled out that is being worked on.
        var pulls = 0

        static let none = Mischief()
    }

    /// What happens to real keys. Bytes do not change on a bus with checksums; a key that told another serial number each time
    /// would be another key.
    private static let faults: [Fault] = [.stall, .timeout, .unplugBefore, .unplugAfter, .busy]

    let keys: [VirtualKey]
    private let host: VirtualHost
    private let ports: Int
    private let mischief: Mischief
    private let life: Mortality
    private let writeTime: Duration
    private let state: Mutex<State>

    private struct State {
        var generator: SeededGenerator
        /// Indexes of keys in the order in which they come.
        var queue: [Int] = []
        var plugged: [Int] = []
    }

    init(
        _ keys: [VirtualKey], ports: Int, mischief: Mischief = .none, life: Mortality, seed: UInt64, writeTime: Duration
    ) {
        self.keys = keys
        (self.ports, self.mischief, self.life, self.writeTime) = (ports, mischief, life, writeTime)
        host = VirtualHost(keys)
        for key in keys { host.unplug(key) }
        state = Mutex(State(generator: SeededGenerator(seed: seed)))
        while (try? host.nextChange(timeout: .zero)) != nil {}
    }

    func devices() throws(USBError) -> [USBDeviceDescription] { try host.devices() }

    func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice {
        MortalDevice(SlowDevice(try host.open(description), writeTime: writeTime), life)
    }

    func nextChange(timeout: Duration) throws(USBError) -> USBChange? {
        guard !life.isDead else { throw USBError(.interrupted, during: .hotplug) }
        if let change = try host.nextChange(timeout: .zero) { return change }
        state.withLock { state in
            if timeout > .zero { changeKeys(&state) } else { disturb(&state) }
        }
        return try host.nextChange(timeout: .zero)
    }

    private func changeKeys(_ state: inout State) {
        for index in state.plugged { host.unplug(keys[index]) }
        state.plugged = []
        while state.plugged.count < min(ports, keys.count) {
            if state.queue.isEmpty {
                state.queue = Array(keys.indices).filter { !state.plugged.contains($0) }
                    .shuffled(using: &state.generator)
            }
            let index = state.queue.removeLast()
            let key = keys[index]
            key.faults = .none
            if chance(mischief.faults, &state), let fault = Self.faults.randomElement(using: &state.generator) {
                let transfer = key.transferCount + Int.random(in: 1...20, using: &state.generator)
                key.faults = FaultPlan(fault, atTransfer: transfer)
            }
            host.plug(key)
            state.plugged.append(index)
        }
    }

    private func disturb(_ state: inout State) {
        guard chance(mischief.pulls, &state), let index = state.plugged.randomElement(using: &state.generator) else {
            return
        }
        host.unplug(keys[index])
    }

    private func chance(_ percent: Int, _ state: inout State) -> Bool {
        percent > 0 && Int.random(in: 0..<100, using: &state.generator) < percent
    }
}
