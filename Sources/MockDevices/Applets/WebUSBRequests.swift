import USBTransport

/// Commands to a card through vendor requests on the control pipe (canokeys/canokey-core,
/// `interfaces/USB/class/webusb/webusb.c`):
///
///     41 00   the command          stalled while the chip works on another
///     C1 02   one byte: FF nothing, 01 working, 00 the answer is there, 02 it was fetched
///     C1 01   the answer           stalled where there is none
struct WebUSBRequests: Hashable, Sendable {
    struct Codes: Hashable, Sendable {
        let interface: UInt16
        let command: UInt8
        let response: UInt8
        let status: UInt8

        static let canoKey = Codes(interface: 1, command: 0, response: 1, status: 2)
    }

    var state = State.nothing

    enum State: Hashable {
        case nothing
        case working(until: Duration)
        case answering([UInt8])
        case fetched

        var code: UInt8 {
            switch self {
            case .answering: 0
            case .working: 1
            case .fetched: 2
            case .nothing: 0xFF
            }
        }
    }

    /// Whether the reader may use the buffer that both share.
    var isIdle: Bool {
        switch state {
        case .nothing, .fetched: true
        case .working, .answering: false
        }
    }
}

extension OATHCard {
    mutating func answer(vendor setup: ControlSetup, data: [UInt8], at now: Duration) -> [UInt8]? {
        guard let codes = vendorRequests, setup.index == codes.interface, setup.recipient == .interface else {
            return nil
        }
        if case .working(let due) = webUSB.state, due <= now { webUSB.state = .answering(complete()) }
        switch (setup.isIn, setup.request) {
        case (false, codes.command):
            if case .working = webUSB.state { return nil }
            // The reader's command has the buffer.
            guard !isWaiting else { return nil }
            switch run(data) {
            case .bytes(let answer): webUSB.state = .answering(answer)
            case .later(let delay): webUSB.state = .working(until: now + delay)
            case .mute: return nil
            }
            return []
        case (true, codes.status): return [webUSB.state.code]
        case (true, codes.response):
            guard case .answering(let answer) = webUSB.state else { return nil }
            webUSB.state = .fetched
            return answer
        default: return nil
        }
    }
}
