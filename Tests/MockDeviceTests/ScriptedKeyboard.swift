import ByteBuffers
import TestSupport
import Testing
import USBTransport

@testable import KeyProvision
@testable import MockDevices

/// A keyboard interface that knows beforehand which feature reports will be sent and asked for, down to the setup
/// packets. `deviation` tells what the host did otherwise.
final class ScriptedKeyboard: USBDevice {
    private var reports: ArraySlice<OTPVector.Report>
    private(set) var deviation: String?
    private(set) var pauses: [Duration] = []
    private var isClaimed = false

    static let getReport = ControlSetup(requestType: 0xA1, request: 0x01, value: 0x0300, index: 0, length: 8)
    static let setReport = ControlSetup(requestType: 0x21, request: 0x09, value: 0x0300, index: 0, length: 8)
    private static let getDescriptor = ControlSetup(
        requestType: 0x81, request: 0x06, value: 0x2200, index: 0,
        length: UInt16(HIDReports.otpKeyboard.count))

    init(_ reports: some Collection<OTPVector.Report>) { self.reports = Array(reports)[...] }

    var isFinished: Bool { reports.isEmpty && deviation == nil }

    func claimInterface(_ number: UInt8) { isClaimed = number == 0 }

    func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        guard isClaimed else { throw deviates("a request before the claim", setup) }
        if setup == Self.getDescriptor { return HIDReports.otpKeyboard }
        let next = reports.popFirst()
        switch (setup, next?.isGet) {
        case (Self.getReport, true?): return next?.bytes ?? []
        case (Self.setReport, false?):
            let (got, expected) = ([UInt8](copying: data), next?.bytes ?? [])
            guard got == expected else { throw deviates(difference(expected: expected, got: got), setup) }
            return []
        default: throw deviates("\(setup) where \(next.map { "\($0.dir) \($0.hex)" } ?? "the end") was due", setup)
        }
    }

    func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        throw USBError(.notSupported, during: .write(endpoint: endpoint))
    }

    func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        throw USBError(.notSupported, during: .read(endpoint: endpoint))
    }

    func pause(for duration: Duration) { pauses.append(duration) }

    func close() {}

    private func deviates(_ what: String, _ setup: ControlSetup) -> USBError {
        deviation = deviation ?? what
        reports = []
        return USBError(.other, during: .control(request: setup.request))
    }

    /// The OTP application behind it, through all of our layers.
    func channel() throws -> OTPChannel {
        let model = try #require(VirtualModel.named("yubikey5"))
        return OTPChannel(
            try HIDFeatureConnection(
                device: self, configuration: model.descriptors.configuration,
                function: .bootKeyboard(featureLength: YubiKeyOTP.reportLength)))
    }
}
