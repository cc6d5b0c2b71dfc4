import KeyProvision
import MockDevices
import SecretFormats
import USBTransport

/// From the options of a command to an open session with one key.
struct DeviceAccess {
    let global: GlobalOptions
    let options: DeviceOptions
    private let takeover = Takeover()
    /// Whether families with numbered places go before all others, also where no number was given.
    private let takesSlots: Bool
    /// The bus where it is open already, and whether all keys on it are virtual.
    private let bus: (host: any USBHost, isVirtual: Bool)?

    init(
        global: GlobalOptions, options: DeviceOptions, takesSlots: Bool = false,
        bus: (host: any USBHost, isVirtual: Bool)? = nil
    ) {
        self.global = global
        self.options = options
        self.takesSlots = takesSlots
        self.bus = bus
    }

    /// What a command works on.
    struct Opened {
        let session: any ProvisioningSession
        let attached: AttachedDevice
        let isVirtual: Bool
        /// Of its family.
        let features: FamilyFeatures
        /// The PIN that was not given, without which some credentials may not show.
        let hidingPIN: PIN?
    }

    /// Opens the chosen key, unlocks it where it is locked, and closes it when `body` is done, however it is done.
    ///
    /// - Parameters:
    ///   - operations: what is going to be done, so that the PINs are there which it takes.
    ///   - check: refuses what the key cannot do, before anybody is asked for an access code.
    func withSession<Result>(
        for operations: [PINOperation], check: (any ProvisioningSession) throws -> Void = { _ in },
        _ body: (Opened) throws -> Result
    ) throws -> Result {
        guard global.verbose || !options.logsSecretBytes else {
            throw CommandFailure.usage("--log-secret-bytes belongs to --verbose")
        }
        defer { takeover.giveBack(global.console) }
        return try withBus { host, isVirtual in
            let opened = try open(on: host, isVirtual: isVirtual)
            defer { opened.session.close() }
            if !isVirtual, opened.isVirtual {
                global.console.say("\(opened.attached.text) is a virtual key: nothing is written to hardware")
            }
            if opened.features.isExperimental { global.console.warn(opened.attached.experimentalWarning) }
            do {
                try check(opened.session)
                let pins = PINEntry(global.console, options)
                try pins.check(opened.features)
                try unlock(opened.session)
                try pins.give(opened.session, for: operations)
                return try body(opened)
            } catch let error as DeviceError {
                throw CommandFailure(error, opened.attached)
            }
        }
    }

    /// Opens the chosen key as it is, without a word and without its access code, for a look before another one is
    /// written.
    ///
    /// - Parameter other: where that one is, if it is on the same bus: it is open already.
    func inspect(beside other: USBLocation?, _ body: (any ProvisioningSession) throws -> Void) throws {
        defer { takeover.giveBack(global.console) }
        try withBus(isAnnounced: false) { host, isVirtual in
            let opened = try open(on: host, isVirtual: isVirtual, beside: isVirtual ? nil : other)
            defer { opened.session.close() }
            do {
                try body(opened.session)
            } catch let error as DeviceError {
                throw CommandFailure(error, opened.attached)
            }
        }
    }

    /// The virtual key's own bus, or the real one.
    private func withBus<Result>(
        isAnnounced: Bool = true, _ body: (any USBHost, _ isVirtual: Bool) throws -> Result
    ) throws -> Result {
        if let bus { return try body(bus.host, bus.isVirtual) }
        guard let name = options.virtual else { return try body(World.current.openBus(), false) }
        let (key, lock) = try VirtualKeyStore(stateFolder: global.stateFolder()).load(.init(name))
        if isAnnounced {
            global.console.say("virtual key \(name), serial \(key.serial): nothing is written to hardware")
        }
        defer {
            let time = key.clock.now.formattedMilliseconds
            global.console.detail("virtual key: \(key.transferCount) USB transfers, \(time) ms of its own time")
        }
        return try withExtendedLifetime(lock) { try body(VirtualHost([key]), true) }
    }

    // MARK: Choosing

    private func open(on host: any USBHost, isVirtual: Bool, beside other: USBLocation? = nil) throws -> Opened {
        let known = try host.devices().filter { $0.location != other }
            .compactMap { Candidate($0, slot: options.slot ?? (takesSlots ? 1 : nil)) }
        let usable = known.filter { $0.recognition.obstacle == nil }
        switch options.device {
        case .location(let location)?:
            guard let chosen = known.first(where: { $0.description.location == location }) else {
                throw CommandFailure.noSuchDevice(
                    "\(DeviceSelector.location(location))", attached: known.map(\.attached))
            }
            if let unusable = chosen.unusable { throw CommandFailure.unusableDevice(unusable) }
            return try open(chosen, on: host, isVirtual)
        case .serial(let serial)?:
            return try open(serial: serial, among: usable, on: host, isVirtual)
        case nil:
            guard let chosen = usable.first else {
                throw CommandFailure.noDevice(unusable: known.compactMap(\.unusable))
            }
            guard usable.count == 1 else { throw CommandFailure.severalDevices(usable.map(\.attached)) }
            return try open(chosen, on: host, isVirtual)
        }
    }

    /// A serial number shows only to who opens the key. One that cannot be opened may be the one that is meant, so its
    /// error is what is reported when no other has the number.
    private func open(
        serial: String, among candidates: [Candidate], on host: any USBHost, _ isVirtual: Bool
    ) throws -> Opened {
        var seen: [AttachedDevice] = []
        var firstFailure: CommandFailure?
        for candidate in candidates {
            do throws(CommandFailure) {
                let opened = try open(candidate, on: host, isVirtual)
                if opened.attached.serial == serial { return opened }
                seen.append(opened.attached)
                opened.session.close()
            } catch {
                firstFailure = firstFailure ?? error
            }
        }
        throw firstFailure ?? CommandFailure.noSuchDevice(serial, attached: seen)
    }

    private func open(
        _ candidate: Candidate, on host: any USBHost, _ isVirtual: Bool
    ) throws(CommandFailure) -> Opened {
        do throws(CommandFailure) {
            return try openOnce(candidate, on: host, isVirtual)
        } catch {
            guard options.takesOver, case .device(let cause, _, let holders) = error, cause.usbError?.code == .busy,
                takeover.release(holders, global.console)
            else { throw error }
            return try openOnce(candidate, on: host, isVirtual)
        }
    }

    private func openOnce(
        _ candidate: Candidate, on host: any USBHost, _ isVirtual: Bool
    ) throws(CommandFailure) -> Opened {
        do throws(DeviceError) {
            let features = candidate.family.features
            let waiting: EnrollmentStep = features.approvesOnDisplay ? .approving : .touch
            let session = try candidate.family.openSession(
                on: logged(try host.openForSession(candidate.description)), candidate.description,
                options: SessionOptions(
                    random: World.current.random, observer: exchangeObserver, unixTime: World.current.now(),
                    onTouch: { [console = global.console] in console.say(waiting.text) },
                    onPossibleTouch: { [console = global.console] in console.say(Phrases.possibleTouch) }))
            return Opened(
                session: session, attached: candidate.attached.identified(by: session.device),
                isVirtual: isVirtual || session.isVirtual, features: features,
                hidingPIN: PINEntry(global.console, options).hidingPIN(of: session))
        } catch {
            throw CommandFailure(error, candidate.attached)
        }
    }

    // MARK: Unlocking

    private func unlock(_ session: any ProvisioningSession) throws {
        // Slots have codes of their own and do not tell whether they do.
        guard session.isLocked || options.accessCodeFile != nil else { return }
        guard let code = try options.accessCode(for: session.device.model) else { throw DeviceError.accessCodeRequired }
        try session.unlock(accessCode: code)
    }

    // MARK: Telling

    private func logged(_ device: any USBDevice) -> any USBDevice {
        guard global.verbose else { return device }
        let console = global.console
        if options.logsSecretBytes {
            console.warn("--log-secret-bytes: the lines below contain secrets in the clear; do not keep or share them")
        }
        return LoggingDevice(device, includingBytes: options.logsSecretBytes) { console.detail("usb: \($0)") }
    }

    private var exchangeObserver: APDUObserver? {
        guard global.verbose else { return nil }
        let console = global.console
        return { console.detail("apdu: \($0)") }
    }
}

extension Duration {
    /// Rounded down.
    fileprivate var formattedMilliseconds: String {
        let (seconds, attoseconds) = components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
    }
}

extension ProvisioningSession {
    /// Whether the serial number is one that only virtual keys have: over USB/IP they stand on the real bus.
    fileprivate var isVirtual: Bool { device.serial.flatMap { UInt32($0) }.map(VirtualKey.isVirtual) ?? false }
}

/// An attached device of a known family.
struct Candidate {
    let description: USBDeviceDescription
    let family: any DeviceFamily
    let recognition: Recognition

    init?(_ description: USBDeviceDescription, slot: Int? = nil) {
        guard let (family, recognition) = Catalog.recognize(description, slot: slot) else { return nil }
        self.description = description
        self.family = family
        self.recognition = recognition
    }

    var unusable: UnusableDevice? {
        recognition.obstacle.map { UnusableDevice(attached: attached, obstacle: $0) }
    }

    var attached: AttachedDevice {
        AttachedDevice(model: recognition.model, location: description.location, address: description.address)
    }
}

extension USBHost {
    /// Opens a device in the terms of what is done with it next.
    func openForSession(_ description: USBDeviceDescription) throws(DeviceError) -> any USBDevice {
        do throws(USBError) { return try open(description) } catch { throw .opening(error) }
    }
}

extension CommandFailure {
    /// A device's error, with the processes that hold the device where that is the trouble.
    init(_ error: DeviceError, _ attached: AttachedDevice) {
        var holders: [DeviceHolder] = []
        if error.usbError?.code == .busy {
            holders = DeviceHolder.holding(attached.location, address: attached.address)
            if holders.isEmpty { holders = DeviceHolder.suspects() }
        }
        self = .device(error, attached, holders: holders)
    }
}
