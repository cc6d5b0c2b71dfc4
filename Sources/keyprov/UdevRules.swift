import KeyProvision
import USBTransport

/// The udev rules that let the person at the machine use the keys, made from the families' USB ids.
///
/// Only ids that the program drives are in it: a rule opens all interfaces of a device.
enum UdevRules {
    static let fileName = "70-keyprov.rules"
    static let installCommand = "keyprov udev-rules | sudo tee /etc/udev/rules.d/\(fileName)"
    static let reloadCommand = "sudo udevadm control --reload && sudo udevadm trigger"

    static var text: String {
        var ruled: Set<USBID> = []
        let rules = Catalog.entries.map { entry in
            // One rule is enough for a device that two families drive.
            let ids = entry.family.usbIDs.sorted().filter { ruled.insert($0).inserted }
            return "# \(entry.family.title)\n" + ids.map(rule).joined()
        }
        return header + rules.joined(separator: "\n") + "\nLABEL=\"keyprov_end\"\n"
    }

    private static let header = """
        # Lets the user at the seat use OTP hardware keys with keyprov, without root.
        # Made by 'keyprov udev-rules' from the families' USB ids: change those, not this file.
        # The name has to sort before 73-seat-late.rules, which acts on the tag.

        ACTION=="remove", GOTO="keyprov_end"
        SUBSYSTEM!="usb", GOTO="keyprov_end"
        ENV{DEVTYPE}!="usb_device", GOTO="keyprov_end"


        """

    private static func rule(_ id: USBID) -> String {
        "ATTR{idVendor}==\"\(USBID.hex(id.vendor))\", ATTR{idProduct}==\"\(USBID.hex(id.product))\", TAG+=\"uaccess\"\n"
    }
}
