import KeyProvision
import SecretFormats
import USBTransport

/// Looks at attached devices without changing anything on them.
struct DeviceInspector {
    let host: any USBHost

    /// What the bus alone tells.
    func identify(_ description: USBDeviceDescription) -> InspectedDevice? {
        Candidate(description).map(InspectedDevice.init)
    }

    /// What the device tells when it is opened, or why it cannot be.
    func inspect(_ description: USBDeviceDescription) -> InspectedDevice? {
        guard let candidate = Candidate(description) else { return nil }
        var device = InspectedDevice(candidate)
        guard device.obstacle == nil else { return device }
        do throws(DeviceError) {
            let session = try candidate.family.openSession(
                on: try host.openForSession(description), description,
                options: SessionOptions(random: World.current.random))
            defer { session.close() }
            device.info = session.device
            device.isLocked = session.isLocked
        } catch {
            device.failure = CommandFailure(error, candidate.attached)
            device.error = error
        }
        return device
    }
}

/// A key as `devices` and `doctor` show it.
struct InspectedDevice {
    let family: String
    let attached: AttachedDevice
    let id: USBID
    let obstacle: Recognition.Obstacle?
    var info: DeviceInfo?
    var isLocked = false
    var error: DeviceError?
    var failure: CommandFailure?

    init(_ candidate: Candidate) {
        family = candidate.family.name
        attached = candidate.attached
        id = candidate.description.device.id
        obstacle = candidate.recognition.obstacle
    }

    var holders: [DeviceHolder] {
        if case .device(_, _, let holders)? = failure { holders } else { [] }
    }

    /// One word for scripts.
    var state: String {
        switch (obstacle, error, error?.usbError?.code) {
        case (.interfaceDisabled?, _, _): "interface disabled"
        case (_, nil, _): isLocked ? "locked" : "ready"
        case (_, _, .busy?): "held"
        case (_, _, .access?): "no permission"
        default: "failing"
        }
    }

    var line: String {
        var parts = ["usb:\(attached.location)", info?.model ?? attached.model]
        if let serial = info?.serial { parts.append("serial \(serial)") }
        if let firmware = info?.firmware { parts.append("firmware \(firmware)") }
        let names = holders.map(\.text).joined(separator: ", ")
        parts.append(names.isEmpty ? state : "held by " + names)
        return parts.map(TerminalText.safe).joined(separator: "  ") + "\n"
    }

    func members(_ json: JSONWriter) {
        json.key("family")
        json.value(family)
        json.key("model")
        json.value(info?.model ?? attached.model)
        json.key("serial")
        json.value(info?.serial)
        json.key("firmware")
        json.value(info?.firmware?.description)
        json.key("port")
        json.value(attached.location.description)
        json.key("id")
        json.value(id.description)
        json.key("state")
        json.value(state)
        json.key("holders")
        json.array {
            for holder in holders {
                json.object {
                    json.key("name")
                    json.value(holder.name)
                    json.key("pid")
                    json.value(holder.processID)
                }
            }
        }
    }
}
