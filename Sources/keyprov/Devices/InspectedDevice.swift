import KeyProvision
import USBTransport

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
    var isGone = false

    init(_ candidate: Candidate) {
        family = candidate.family.name
        attached = candidate.attached
        id = candidate.description.device.id
        obstacle = candidate.recognition.obstacle
    }

    var holders: [DeviceHolder] {
        if !isGone, case .device(_, _, let holders)? = failure { holders } else { [] }
    }

    /// One word for scripts.
    var state: String {
        if isGone { return "gone" }
        return switch (obstacle, error, error?.usbError?.code) {
        case (.interfaceDisabled?, _, _), (.readerMissing?, _, _): "interface disabled"
        case (.fidoAlone?, _, _): "FIDO alone"
        case (.notDriven(.bootLoader)?, _, _), (.notDriven(.bootLoaderOfChip)?, _, _): "boot loader"
        case (.notDriven?, _, _): "not supported"
        case (_, .lockedOnKey?, _), (_, .cardMissing?, _): "locked"
        case (_, .managedElsewhere?, _): "held"
        case (_, .notSetUp?, _): "not set up"
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
        let names = holders.map(\.likelihoodText).joined(separator: ", ")
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
                    json.key("certain")
                    json.value(holder.isCertain)
                }
            }
        }
    }
}
