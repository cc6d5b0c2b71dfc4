import ByteBuffers
public import USBTransport

/// A device that knows beforehand what the host will send, byte by byte, and what it answers.
///
/// The first transfer that is not the expected one fails, and so do all after it; `deviation` tells the difference.
public final class ScriptedDevice: USBDevice {
    public enum Step: Sendable {
        case out([UInt8])
        case `in`([UInt8])
        /// A control transfer without data.
        case control(ControlSetup)
        /// A control transfer that brings data.
        case controlIn(ControlSetup, [UInt8])
        case failure(USBError.Code)
    }

    private var steps: ArraySlice<Step>
    /// What the host did otherwise than expected.
    public private(set) var deviation: String?
    public private(set) var claimed: [UInt8] = []
    public private(set) var timeouts: [Duration] = []
    public private(set) var isClosed = false

    public init(_ steps: [Step]) { self.steps = steps[...] }

    /// Whether the host did all that it was expected to.
    public var isFinished: Bool { steps.isEmpty && deviation == nil }

    public func claimInterface(_ number: UInt8) { claimed.append(number) }

    public func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        let operation = USBError.Operation.control(request: setup.request)
        switch steps.popFirst() {
        case .control(setup)? where data.byteCount == 0: return []
        case .controlIn(setup, let answer)?: return answer
        case .failure(let code)?: throw USBError(code, during: operation)
        default: throw unexpected("\(setup)", operation)
        }
    }

    public func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        let operation = USBError.Operation.write(endpoint: endpoint)
        let got = [UInt8](copying: bytes)
        switch steps.popFirst() {
        case .out(let expected)?:
            if got != expected { throw unexpected(difference(expected: expected, got: got), operation) }
        case .failure(let code)?: throw USBError(code, during: operation)
        case .in?, .control?, .controlIn?, nil: throw unexpected("out \(hex(got))", operation)
        }
    }

    public func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        let operation = USBError.Operation.read(endpoint: endpoint)
        timeouts.append(timeout)
        switch steps.popFirst() {
        case .in(let bytes)?: return bytes
        case .failure(let code)?: throw USBError(code, during: operation)
        case .out(let expected)?: throw unexpected("a read where out \(hex(expected)) was due", operation)
        case .control(let setup)?, .controlIn(let setup, _)?:
            throw unexpected("a read where \(setup) was due", operation)
        case nil: throw unexpected("a read after the end", operation)
        }
    }

    public func pause(for duration: Duration) {}

    public func close() { isClosed = true }

    private func unexpected(_ what: String, _ operation: USBError.Operation) -> USBError {
        deviation = deviation ?? what
        steps = []
        return USBError(.other, during: operation)
    }
}
