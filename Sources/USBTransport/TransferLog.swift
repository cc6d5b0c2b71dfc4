import ByteBuffers

/// A device whose calls are told to a closure, each after it returned.
///
/// Records carry lengths and outcomes. The data itself holds secrets in the clear (that is what the transfers are for)
/// and is handed out only with `includingBytes`; such records are not wiped, and whoever turns this on says so loudly.
public final class LoggingDevice: USBDevice {
    private let device: any USBDevice
    private let includesBytes: Bool
    private let log: (TransferRecord) -> Void

    public init(_ device: any USBDevice, includingBytes: Bool = false, log: @escaping (TransferRecord) -> Void) {
        self.device = device
        includesBytes = includingBytes
        self.log = log
    }

    public func claimInterface(_ number: UInt8) throws(USBError) {
        do throws(USBError) {
            try device.claimInterface(number)
        } catch {
            log(TransferRecord(.claim(interface: number), failure: error.code))
            throw error
        }
        log(TransferRecord(.claim(interface: number)))
    }

    public func control(_ setup: ControlSetup, data: RawSpan, timeout: Duration) throws(USBError) -> [UInt8] {
        let asked = Int(setup.length)
        let answer: [UInt8]
        do throws(USBError) {
            answer = try device.control(setup, data: data, timeout: timeout)
        } catch {
            log(TransferRecord(.control(setup), asked: asked, failure: error.code, bytes: kept(data)))
            throw error
        }
        log(
            setup.isIn
                ? TransferRecord(.control(setup), asked: asked, got: answer.count, bytes: kept(answer))
                : TransferRecord(.control(setup), asked: asked, got: data.byteCount, bytes: kept(data)))
        return answer
    }

    public func write(_ bytes: RawSpan, to endpoint: UInt8, timeout: Duration) throws(USBError) {
        let (call, asked) = (TransferRecord.Call.write(endpoint: endpoint), bytes.byteCount)
        do throws(USBError) {
            try device.write(bytes, to: endpoint, timeout: timeout)
        } catch {
            log(TransferRecord(call, asked: asked, failure: error.code, bytes: kept(bytes)))
            throw error
        }
        log(TransferRecord(call, asked: asked, got: asked, bytes: kept(bytes)))
    }

    public func read(upTo count: Int, from endpoint: UInt8, timeout: Duration) throws(USBError) -> [UInt8] {
        let call = TransferRecord.Call.read(endpoint: endpoint)
        let answer: [UInt8]
        do throws(USBError) {
            answer = try device.read(upTo: count, from: endpoint, timeout: timeout)
        } catch {
            log(TransferRecord(call, asked: count, failure: error.code))
            throw error
        }
        log(TransferRecord(call, asked: count, got: answer.count, bytes: kept(answer)))
        return answer
    }

    public func pause(for duration: Duration) { device.pause(for: duration) }

    public func close() {
        device.close()
        log(TransferRecord(.close))
    }

    private func kept(_ bytes: [UInt8]) -> [UInt8]? { includesBytes ? bytes : nil }

    private func kept(_ bytes: RawSpan) -> [UInt8]? {
        includesBytes ? [UInt8](copying: bytes) : nil
    }
}
