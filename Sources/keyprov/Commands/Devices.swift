import ArgumentParser
import KeyProvision
import USBTransport

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "List attached keys, and who holds them.", version: Keyprov.version)

    @Flag(name: .long, help: "Go on and tell of each key that comes or goes, until interrupted.")
    var watch = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let host = try World.current.openBus()
        if watch { return try follow(host) }
        let inspector = DeviceInspector(host: host)
        let found = try host.devices().compactMap(inspector.inspect)
        if global.json {
            return try global.console.document { json in
                json.key("devices")
                json.array { found.forEach { device in json.object { device.members(json) } } }
            }
        }
        if found.isEmpty { global.console.note("no known key is attached") }
        for device in found { try global.console.data(device.line) }
        if found.contains(where: { $0.failure != nil }) {
            global.console.note("'keyprov doctor' tells what to do about keys that cannot be used")
        }
    }

    /// Ends when it is interrupted, which is no failure here.
    private func follow(_ host: any USBHost) throws {
        let inspector = DeviceInspector(host: host)
        var present: [USBDeviceDescription: InspectedDevice] = [:]
        while let change = try nextChange(host) {
            switch change {
            case .arrived(let description):
                guard let device = inspector.inspect(description) else { continue }
                present[description] = device
                try tell("arrived", device)
            case .left(let description):
                guard var device = present.removeValue(forKey: description) else { continue }
                device.isGone = true
                try tell("left", device)
            }
        }
    }

    /// - Returns: nil when a signal came.
    private func nextChange(_ host: any USBHost) throws(USBError) -> USBChange? {
        do throws(USBError) {
            while true {
                if let change = try host.nextChange(timeout: Self.watchInterval) { return change }
            }
        } catch {
            guard error.code == .interrupted else { throw error }
            return nil
        }
    }

    private static let watchInterval: Duration = .seconds(60)

    private func tell(_ event: StaticString, _ device: InspectedDevice) throws {
        guard global.json else { return try global.console.data("\(event)  \(device.line)") }
        try global.console.document { json in
            json.key("event")
            json.value("\(event)")
            device.members(json)
        }
    }
}
