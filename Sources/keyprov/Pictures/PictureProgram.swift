import ByteBuffers
import Glibc
import PictureExchange
import SecretFormats

/// The program that reads pictures: a process of its own, which does not outlive one picture.
///
/// It gets no environment, and what it writes and how long it takes has limits; those of memory it sets itself.
enum PictureProgram {
    /// Beyond what it takes by itself, for starting and ending.
    private static let grace = 5

    /// What the QR codes of a picture hold.
    ///
    /// - Parameter name: of the picture, for messages.
    static func read(_ picture: Secret, name: String) throws(PictureError) -> [Secret] {
        let world = World.current
        guard let path = world.pictureProgram() else { throw PictureError(.noProgram, name) }
        let terms = ProgramTerms(
            outputLimit: PictureLimits.answerLength, seconds: PictureLimits.clockSeconds + grace,
            inheritsEnvironment: false)
        guard let answer = world.exchange([path], picture, terms) else { throw PictureError(.noProgram, name) }
        guard !world.isInterrupted() else { throw PictureError(.interrupted, name) }
        guard answer.exitCode == EXIT_SUCCESS else { throw PictureError(answer.isLate ? .late : .ended, name) }
        return try codes(in: answer.output, name)
    }

    private static func codes(in answer: Secret, _ name: String) throws(PictureError) -> [Secret] {
        let outcome: Result<[WipedBuffer], PictureFailure>
        do throws(PictureAnswer.Malformed) {
            outcome = try answer.withBytes { (bytes: RawSpan) throws(PictureAnswer.Malformed) in
                try PictureAnswer.decode(bytes)
            }
        } catch {
            throw PictureError(.ended, name)
        }
        switch outcome {
        case .success(let codes): return codes.map { Secret($0) }
        case .failure(let failure): throw PictureError(.refused(failure), name)
        }
    }
}

/// Why a picture gave no codes.
struct PictureError: Error, Hashable {
    enum Cause: Hashable {
        /// The picture's own fault.
        case refused(PictureFailure)
        /// The reading program is not there.
        case noProgram
        /// It was ended by one of its limits, or broke.
        case ended
        case late
        case interrupted
    }

    let cause: Cause
    /// Of the picture.
    let name: String

    init(_ cause: Cause, _ name: String) {
        self.cause = cause
        self.name = name
    }
}
