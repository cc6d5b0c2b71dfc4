import MockDevices
import Synchronization
import USBTransport

/// A box of virtual keys of one model, and somebody who plugs them in: as many at once as the line has hands, the next one as
/// soon as one is done. Each is kept in the state folder like any virtual key, under the batch's name and a number.
final class VirtualBox: USBHost {
    private let store: VirtualKeyStore
    private let model: String
    private let batch: String
    private let bus = VirtualHost([])
    private let state: Mutex<State>

    private struct State {
        /// How many ports are free to take a key.
        var freePorts: Int
        var taken = 0
        var plugged: [USBLocation: Plugged] = [:]
        var failure: (any Error)?
    }

    private struct Plugged {
        let key: VirtualKey
        let lock: LockFile
        /// Whether it was made now, and not by an earlier run.
        let isNew: Bool
    }

    /// - Parameters:
    ///   - model: a virtual model.
    ///   - ports: how many keys are plugged in at once.
    init(_ store: VirtualKeyStore, model: String, batch: String, ports: Int) {
        self.store = store
        self.model = model
        self.batch = VirtualKeyStore.Name.label(from: batch)
        state = Mutex(State(freePorts: ports))
    }

    func devices() throws(USBError) -> [USBDeviceDescription] { try bus.devices() }

    func open(_ description: USBDeviceDescription) throws(USBError) -> any USBDevice { try bus.open(description) }

    func nextChange(timeout: Duration) throws(USBError) -> USBChange? {
        fillPorts()
        return try bus.nextChange(timeout: timeout)
    }

    /// Pulls a key out.
    func take(_ location: USBLocation) {
        state.withLock { state in
            guard let plugged = state.plugged.removeValue(forKey: location) else { return }
            withExtendedLifetime(plugged.lock) { bus.unplug(plugged.key) }
            state.freePorts += 1
        }
    }

    /// Whether nobody has seen this key before, so that no roster can name it, nor those behind it in the box.
    func isNew(_ location: USBLocation) -> Bool { state.withLock { $0.plugged[location]?.isNew ?? false } }

    /// What keeps the box from giving another key.
    func checkFailure() throws { if let failure = state.withLock({ $0.failure }) { throw failure } }

    private func fillPorts() {
        state.withLock { state in
            while state.freePorts > 0, state.failure == nil {
                state.taken += 1
                do { try plugNext(&state) } catch VirtualKeyFailure.inUse {
                    // Another process has it in its own box.
                } catch {
                    state.failure = error
                }
            }
        }
    }

    private func plugNext(_ state: inout State) throws {
        let name = try VirtualKeyStore.Name("\(model):\(batch)-\(state.taken)")
        let isNew = !store.exists(name)
        let (key, lock) = try store.load(name)
        bus.plug(key)
        // Each new key is at a port of its own, behind all others.
        guard let location = try bus.devices().last?.location else { return }
        state.plugged[location] = Plugged(key: key, lock: lock, isNew: isNew)
        state.freePorts -= 1
    }
}
