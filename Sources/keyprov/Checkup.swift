import ByteBuffers
import Glibc
import KeyProvision
import SecretFormats
import USBTransport

/// What `doctor` looks at.
struct Checkup {
    /// nil where the environment tells none.
    let stateFolder: String?
    private var world: World { World.current }

    init(stateFolder: String?) { self.stateFolder = stateFolder }

    struct Finding {
        enum Outcome: String {
            case ok, notice, failed
        }

        let subject: String
        let outcome: Outcome
        let text: String
        var hint: String?

        var lines: String {
            let line = "\(outcome.rawValue)  \(subject): \(TerminalText.safe(text))\n"
            return line + (hint.map { "        \($0)\n" } ?? "")
        }

        func members(_ json: JSONWriter) {
            json.key("subject")
            json.value(subject)
            json.key("outcome")
            json.value(outcome.rawValue)
            json.key("text")
            json.value(text)
            json.key("hint")
            json.value(hint)
        }
    }

    func findings() -> [Finding] {
        [libraries] + bus() + [udevRules, cardPrograms, pictures, state, clock]
    }

    private var libraries: Finding {
        let versions = [
            "keyprov \(Keyprov.version)", "libusb \(LibUSBHost.libraryVersion)", LibraryVersions.openSSL,
            "libqrencode \(LibraryVersions.libqrencode)", "libpng \(LibraryVersions.libpng)",
        ]
        return Finding(subject: "versions", outcome: .ok, text: versions.joined(separator: ", "))
    }

    /// Only pictures need that program, so nothing has failed without it.
    private var pictures: Finding {
        guard world.pictureProgram() == nil else {
            return Finding(subject: "pictures", outcome: .ok, text: "QR codes in pictures can be read")
        }
        return Finding(
            subject: "pictures", outcome: .notice, text: "the program that reads pictures is not installed",
            hint: PictureProgram.installHint)
    }

    private func bus() -> [Finding] {
        do throws(USBError) {
            let host = try world.openBus()
            let keys = try host.devices().compactMap(DeviceInspector(host: host).inspect)
            guard !keys.isEmpty else {
                return [Finding(subject: "keys", outcome: .notice, text: "no known key is attached")]
            }
            return keys.map(finding)
        } catch {
            return [Finding(subject: "usb", outcome: .failed, text: Diagnosis(error).message)]
        }
    }

    private func finding(_ key: InspectedDevice) -> Finding {
        let line = String(key.line.dropLast())
        guard let failure = key.failure else {
            return Finding(
                subject: "key", outcome: key.obstacle == nil ? .ok : .notice, text: line,
                hint: key.obstacle?.hints.first)
        }
        let diagnosis = Diagnosis(failure)
        return Finding(subject: "key", outcome: .failed, text: diagnosis.message, hint: diagnosis.hints.first)
    }

    private var udevRules: Finding {
        let installed = world.udevFolders.map { $0 + "/" + UdevRules.fileName }.first(where: Files.exists)
        guard let installed else {
            return Finding(
                subject: "udev rules", outcome: .notice, text: "\(UdevRules.fileName) is not installed",
                hint: "'\(UdevRules.installCommand)', then '\(UdevRules.reloadCommand)'"
            )
        }
        let contents = try? Files.read(installed, limit: 1 << 20).withBytes { String(decoding: $0) }
        return contents == UdevRules.text
            ? Finding(subject: "udev rules", outcome: .ok, text: installed)
            : Finding(
                subject: "udev rules", outcome: .notice, text: "\(installed) is not the one of this version",
                hint: "'keyprov udev-rules | sudo tee \(installed)'")
    }

    private var cardPrograms: Finding {
        let running = DeviceHolder.suspects()
        guard !running.isEmpty else {
            return Finding(subject: "card programs", outcome: .ok, text: "neither pcscd nor scdaemon is running")
        }
        return Finding(
            subject: "card programs", outcome: .notice,
            text: running.map(\.text).joined(separator: ", ") + " may hold a key",
            hint: running.first?.hint)
    }

    private var state: Finding {
        guard let stateFolder else {
            return Finding(
                subject: "state folder", outcome: .failed, text: GlobalOptions.noHome, hint: Phrases.otherStateFolder)
        }
        if let error = StateFolder.obstacle(to: stateFolder) {
            return Finding(
                subject: "state folder", outcome: .failed, text: Diagnosis(error).message,
                hint: Phrases.otherStateFolder)
        }
        var status = stat()
        guard unsafe stat(stateFolder, &status) == 0 else {
            return Finding(subject: "state folder", outcome: .ok, text: "\(stateFolder) will be made when it is needed")
        }
        let others = status.st_mode & Self.permissionsOfOthers
        return others == 0
            ? Finding(subject: "state folder", outcome: .ok, text: stateFolder)
            : Finding(
                subject: "state folder", outcome: .failed, text: "\(stateFolder) is open to other users",
                hint: "'chmod 700 \(stateFolder)'")
    }

    /// TOTP is as right as the clock, and a clock before this program was written is wrong for sure.
    private var clock: Finding {
        let now = world.now()
        return now >= Self.releaseTime
            ? Finding(subject: "clock", outcome: .ok, text: UTC.text(now))
            : Finding(
                subject: "clock", outcome: .failed,
                text: "\(UTC.text(now)) is before this program was made: codes will be wrong",
                hint: "set it, e.g. 'sudo timedatectl set-ntp true'")
    }

    private static let permissionsOfOthers: mode_t = 0o077
    /// 2026-11-01 00:00 UTC.
    private static let releaseTime: UInt64 = 1_793_491_200
}
