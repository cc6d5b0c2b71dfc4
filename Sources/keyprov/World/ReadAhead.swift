import Dispatch
import Synchronization

/// Makes pieces one after another on a second thread, each while the one before it is used.
final class ReadAhead<Piece: Sendable> {
    private final class Place: Sendable {
        let piece = Mutex<Result<Piece?, any Error>?>(nil)
        let isFilled = DispatchSemaphore(value: 0)
    }

    private let make: @Sendable () throws -> Piece?
    private let world = World.current
    private var pending: Place?

    /// - Parameter make: nil at the end; it is never called twice at once, and not after its end or an error.
    init(_ make: @escaping @Sendable () throws -> Piece?) { self.make = make }

    /// Nothing goes on behind the back of a command that is over.
    deinit { pending?.isFilled.wait() }

    /// - Returns: nil at the end.
    func next() throws -> Piece? {
        let place = pending ?? begin()
        place.isFilled.wait()
        pending = nil
        guard let piece = try place.piece.withLock({ $0.take() })?.get() else { return nil }
        pending = begin()
        return piece
    }

    private func begin() -> Place {
        let place = Place()
        DispatchQueue.global().async { [make, world] in
            World.$current.withValue(world) {
                let piece = Result { try make() }
                place.piece.withLock { $0 = piece }
            }
            place.isFilled.signal()
        }
        return place
    }
}
