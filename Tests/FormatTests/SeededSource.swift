import SecretFormats
import Synchronization
import TestSupport

/// Random bytes that are the same in every run.
final class SeededSource: RandomSource {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func fill(_ bytes: inout MutableRawSpan) {
        bytes.withUnsafeMutableBytes { bytes in
            generator.withLock { generator in
                for index in bytes.indices { bytes[index] = .random(in: 0...255, using: &generator) }
            }
        }
    }
}

/// A source that has run dry.
struct FailingSource: RandomSource {
    func fill(_ bytes: inout MutableRawSpan) throws(CryptoError) { throw CryptoError(.random, code: .unknown) }
}
