import ByteBuffers
import Glibc
import PictureExchange
import PictureReader

// Reads a picture from the standard input and writes a `PictureAnswer` to the standard output. Takes no arguments and
// says nothing: the program that starts it has the words.

guard CommandLine.arguments.count == 1, Confinement.enter() else { exit(EXIT_FAILURE) }

let picture = WipedBuffer(capacity: 1 << 20)
guard Streams.readAll(into: picture, limit: PictureLimits.fileLength) else { exit(EXIT_FAILURE) }
let outcome: Result<[WipedBuffer], PictureFailure>
do throws(PictureFailure) {
    outcome = .success(
        try picture.withBytes { (bytes: RawSpan) throws(PictureFailure) in try PictureReader.read(bytes) })
} catch {
    outcome = .failure(error)
}
exit(Streams.write(PictureAnswer.encode(outcome)) ? EXIT_SUCCESS : EXIT_FAILURE)
