import USBTransport

/// YubiKey products by USB id (yubikit, `core/__init__.py`, `PID`): the id tells which interfaces are switched on.
struct YubiKeyProduct: Hashable, Sendable {
    enum Generation: Hashable, Sendable {
        case standard, neo, plus, four

        var title: String {
            switch self {
            case .standard: "YubiKey"
            case .neo: "YubiKey NEO"
            case .plus: "YubiKey Plus"
            // 4 and 5 share their ids; the firmware tells them apart.
            case .four: "YubiKey 4/5"
            }
        }

        /// The others were made without it.
        var canHaveCCID: Bool { self == .neo || self == .four }
    }

    let product: UInt16
    let generation: Generation
    var hasOTP = false
    var hasCCID = false

    /// A NEO keeps the application on its smart card when its keyboard is switched off; later keys do not.
    var hasOTPApplication: Bool { hasOTP || generation == .neo && hasCCID }

    static let vendor: UInt16 = 0x1050

    static let all: [YubiKeyProduct] = [
        YubiKeyProduct(product: 0x0010, generation: .standard, hasOTP: true),
        YubiKeyProduct(product: 0x0110, generation: .neo, hasOTP: true),
        YubiKeyProduct(product: 0x0111, generation: .neo, hasOTP: true, hasCCID: true),
        YubiKeyProduct(product: 0x0112, generation: .neo, hasCCID: true),
        YubiKeyProduct(product: 0x0113, generation: .neo),
        YubiKeyProduct(product: 0x0114, generation: .neo, hasOTP: true),
        YubiKeyProduct(product: 0x0115, generation: .neo, hasCCID: true),
        YubiKeyProduct(product: 0x0116, generation: .neo, hasOTP: true, hasCCID: true),
        YubiKeyProduct(product: 0x0401, generation: .four, hasOTP: true),
        YubiKeyProduct(product: 0x0402, generation: .four),
        YubiKeyProduct(product: 0x0403, generation: .four, hasOTP: true),
        YubiKeyProduct(product: 0x0404, generation: .four, hasCCID: true),
        YubiKeyProduct(product: 0x0405, generation: .four, hasOTP: true, hasCCID: true),
        YubiKeyProduct(product: 0x0406, generation: .four, hasCCID: true),
        YubiKeyProduct(product: 0x0407, generation: .four, hasOTP: true, hasCCID: true),
        YubiKeyProduct(product: 0x0410, generation: .plus, hasOTP: true),
    ]

    static func with(_ id: USBID) -> YubiKeyProduct? {
        id.vendor == vendor ? all.first { $0.product == id.product } : nil
    }

    var id: USBID { USBID(vendor: Self.vendor, product: product) }

    /// What to make of a key of this product for a family that needs an interface.
    ///
    /// - Parameter isThere: whether the product has it on.
    func recognition(
        of device: DeviceDescriptor, needing interface: String, isThere: Bool
    ) -> Recognition {
        guard !isThere else { return Recognition(model: generation.title, obstacle: nil) }
        let switchesApplications = switchesApplications(device)
        // Since firmware 5 keys for FIDO alone show this id too (yubikit, `support.py`, `get_name`).
        if switchesApplications, !hasOTP, !hasCCID {
            return Recognition(model: "YubiKey 5 or Security Key", obstacle: .fidoAlone)
        }
        return Recognition(
            model: generation.title,
            obstacle: .interfaceDisabled(interface, by: switchesApplications ? .applications : .modes))
    }

    /// Whether the key switches its applications one by one.
    func switchesApplications(_ device: DeviceDescriptor) -> Bool {
        generation == .four && Version(bcd: device.deviceVersion) >= Self.applicationsSince
    }

    /// Before, keys had modes (ykman, `_cli/config.py`).
    private static let applicationsSince = Version(5, 0, 0)
}

extension YubiKeyIdentity {
    /// The name on the package, as far as firmware, form factor and radio tell it.
    func model(_ generation: YubiKeyProduct.Generation) -> String {
        guard let firmware, generation == .four else { return generation.title }
        guard firmware >= Version(5, 0, 0) else { return "YubiKey 4" }
        let name =
            switch formFactor {
            case .usbAKeychain: supportsNFC ? "YubiKey 5 NFC" : "YubiKey 5A"
            case .usbANano: "YubiKey 5 Nano"
            case .usbCKeychain: supportsNFC ? "YubiKey 5C NFC" : "YubiKey 5C"
            case .usbCNano: "YubiKey 5C Nano"
            case .usbCLightning: "YubiKey 5Ci"
            case .usbABiometric: "YubiKey Bio"
            case .usbCBiometric: "YubiKey C Bio"
            default: "YubiKey 5"
            }
        return isFIPS ? name + " FIPS" : name
    }
}
