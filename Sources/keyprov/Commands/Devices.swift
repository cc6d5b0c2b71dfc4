import ArgumentParser
import KeyProvision
import USBTransport

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List attached keys, and who holds them.", version: Keyprov.version)

    @Flag(name: .long, help: "Go on and tell of each key that comes or goes.")
    var watch = false

    @OptionGroup(title: "Common") var global: GlobalOptions

    /// How long one wait for a change lasts; a signal ends the program in between.
    private static let watchInterval: Duration = .seconds(60)

    func run() throws {
        let host = try World.current.bus()
        if watch { return try follow(host) }
        let inspector = DeviceInspector(host: host)
        let found = try host.devices().compactMap(inspector.inspect)
        if global.json {
            let json = JSONWriter()
            json.object {
                json.key("devices")
                json.array { found.forEach { device in json.object { device.members(json) } } }
            }
            json.endLine()
            return try global.console.data(json.buffer)
        }
        if found.isEmpty { global.console.note("no known key is attached") }
        for device in found { try global.console.data(device.line) }
    }

    private func follow(_ host: any USBHost) throws {
        let inspector = DeviceInspector(host: host)
        while true {
            guard let change = try host.nextChange(timeout: Self.watchInterval) else { continue }
            switch change {
            case .arrived(let description):
                if let device = inspector.inspect(description) { try tell("arrived", device) }
            case .left(let description):
                if let device = inspector.identify(description) { try tell("left", device) }
            }
        }
    }

    private func tell(_ event: StaticString, _ device: InspectedDevice) throws {
        guard global.json else { return try global.console.data("\(event)  \(device.line)") }
        let json = JSONWriter()
        json.object {
            json.key("event")
            json.value("\(event)")
            device.members(json)
        }
        json.endLine()
        try global.console.data(json.buffer)
    }
}
