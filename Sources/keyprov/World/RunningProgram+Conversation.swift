import ByteBuffers
import SecretFormats

extension RunningProgram {
    /// It took longer than it may, or wrote more.
    struct Excess: Error {}

    /// Bytes of a pipe that are read at a time.
    private static let blockLength = 1 << 16

    /// Writes and reads as the program takes and gives, so that neither side waits for the other, to its end.
    ///
    /// - Parameters:
    ///   - deadline: after which it is not waited for.
    ///   - feed: gives the next bytes for its standard input; nil at the end.
    ///   - take: takes the bytes of its standard output as they come.
    /// - Returns: its exit code; nil where a signal ended it.
    func converse(
        until deadline: ContinuousClock.Instant? = nil, feed: () throws -> WipedBuffer?,
        take: (WipedBuffer) throws -> Void
    ) throws -> Int32? {
        var pending: (buffer: WipedBuffer, offset: Int)?
        while true {
            try World.current.checkInterruption()
            if let deadline, ContinuousClock.now >= deadline { throw Excess() }
            if pending == nil, takesInput {
                if let buffer = try feed() { pending = (buffer, 0) } else { endInput() }
            }
            let ready = try wait()
            if ready.input, let (buffer, offset) = pending {
                let count = write(buffer, from: offset)
                // One that has ended takes no more; what it said of that is in its output.
                pending = takesInput && offset + count < buffer.count ? (buffer, offset + count) : nil
            }
            guard ready.output else { continue }
            let block = WipedBuffer(capacity: Self.blockLength)
            guard read(into: block, upTo: Self.blockLength) else { return exitCode() }
            try take(block)
        }
    }
}

/// What a program gave that was run for what it writes.
struct ProgramAnswer {
    /// nil where a signal ended it, ours when it was late among them.
    let exitCode: Int32?
    let output: Secret
    let isLate: Bool
}

/// How a program is run for what it writes.
struct ProgramTerms {
    /// Bytes of output that are taken; a program that writes more is ended.
    let outputLimit: Int
    /// After which it is ended.
    let seconds: Int
    /// Without it the program sees no environment at all, so that none steers it.
    var inheritsEnvironment = true
}

extension ChildProcess {
    /// Runs a program with `input` on its standard input.
    ///
    /// - Returns: nil where it could not be started.
    static func exchange(_ command: [String], input: Secret, _ terms: ProgramTerms) -> ProgramAnswer? {
        guard let program = try? RunningProgram(command, inheritsEnvironment: terms.inheritsEnvironment) else {
            return nil
        }
        var rest: WipedBuffer? = WipedBuffer(capacity: input.count)
        input.withBytes { rest?.append(contentsOf: $0) }
        let output = WipedBuffer(capacity: 1 << 16)
        do {
            let exitCode = try program.converse(
                until: ContinuousClock.now + .seconds(terms.seconds),
                feed: {
                    defer { rest = nil }
                    return rest
                },
                take: { block in
                    output.append(contentsOf: block)
                    if output.count > terms.outputLimit { throw RunningProgram.Excess() }
                })
            return ProgramAnswer(exitCode: exitCode, output: Secret(output), isLate: false)
        } catch {
            program.kill()
            return ProgramAnswer(exitCode: nil, output: Secret(output), isLate: true)
        }
    }
}
